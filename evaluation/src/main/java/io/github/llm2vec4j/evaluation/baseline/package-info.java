/**
 * What an encoder has to beat: {@link io.github.llm2vec4j.evaluation.baseline.TfIdf} for sentences,
 * {@link io.github.llm2vec4j.evaluation.baseline.MostFrequentTag} for words. Neither uses a neural model.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.baseline;

import org.jspecify.annotations.NullMarked;
