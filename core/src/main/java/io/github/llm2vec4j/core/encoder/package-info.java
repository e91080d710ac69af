/**
 * The public entry: text in, vectors out.
 *
 * <p>Start with {@link io.github.llm2vec4j.core.encoder.Llm2Vec}.
 */
@NullMarked
package io.github.llm2vec4j.core.encoder;

import org.jspecify.annotations.NullMarked;
