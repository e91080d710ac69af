/**
 * Simple models on frozen vectors. {@link io.github.llm2vec4j.evaluation.probe.LogisticRegression} is the one
 * classifier, for sentences and for words, on dense or sparse {@link io.github.llm2vec4j.evaluation.probe.Rows}.
 * {@link io.github.llm2vec4j.evaluation.probe.TextFeatures} and {@link
 * io.github.llm2vec4j.evaluation.probe.WordTagger} are what a task asks of a model or a baseline; they are built so
 * that a test label cannot be passed to them.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.probe;

import org.jspecify.annotations.NullMarked;
