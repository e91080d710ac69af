/**
 * What an evaluation leaves: {@link io.github.llm2vec4j.evaluation.result.TaskResult} for one task and model,
 * {@link io.github.llm2vec4j.evaluation.result.ResultTable} for all of them, as text and as JSON. Reports read this
 * package.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.result;

import org.jspecify.annotations.NullMarked;
