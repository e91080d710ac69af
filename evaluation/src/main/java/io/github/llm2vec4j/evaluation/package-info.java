/**
 * Measures an encoder on word-level and sentence-level tasks.
 *
 * <p>Start at {@link io.github.llm2vec4j.evaluation.TextEncoder} and
 * {@link io.github.llm2vec4j.evaluation.WordEncoder}: all that an encoder has to offer to be measured. The way of a
 * run: {@code suite} reads data and makes tasks, {@code task} runs them with the probes of {@code probe} or against
 * {@code baseline}, {@code metric} scores, {@code result} holds and prints, {@code cache} keeps vectors and results. The
 * layers, lowest first, are metric, probe, baseline, result, task, cache, suite; each uses only lower ones. Nothing here
 * knows which engine made a vector.
 */
@NullMarked
package io.github.llm2vec4j.evaluation;

import org.jspecify.annotations.NullMarked;
