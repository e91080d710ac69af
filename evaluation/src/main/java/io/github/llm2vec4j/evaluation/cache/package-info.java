/**
 * What need not be computed twice: vectors by model and text in {@link
 * io.github.llm2vec4j.evaluation.cache.VectorCache}, results by model and task in {@link
 * io.github.llm2vec4j.evaluation.cache.ResultCache}. What a model is, is for the caller to say, as a key that changes
 * with its weights and settings.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.cache;

import org.jspecify.annotations.NullMarked;
