/**
 * Text to token ids and back, with the exact characters each token covers.
 *
 * <p>Start with {@link io.github.llm2vec4j.core.tokenizer.Tokenizer}. The work is done by the Rust library behind
 * Hugging Face tokenizers; this package adds special tokens by role, UTF-16
 * offsets and clear errors. A file is checked before that library gets it: see {@link
 * io.github.llm2vec4j.core.tokenizer.TokenizerJson}.
 */
@NullMarked
package io.github.llm2vec4j.core.tokenizer;

import org.jspecify.annotations.NullMarked;
