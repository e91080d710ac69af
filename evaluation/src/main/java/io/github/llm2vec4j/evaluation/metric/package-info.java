/**
 * Metrics as pure functions of gold and predicted values; each equal to scikit-learn, seqeval or the formula in its
 * Javadoc. Any package may use it; it uses none of the project.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.metric;

import org.jspecify.annotations.NullMarked;
