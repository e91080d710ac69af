/**
 * The tasks. Each is data plus {@code run}, which gives a
 * {@link io.github.llm2vec4j.evaluation.result.TaskResult}. Start at
 * {@link io.github.llm2vec4j.evaluation.task.SentenceTask} and {@link io.github.llm2vec4j.evaluation.task.WordTagging}.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.task;

import org.jspecify.annotations.NullMarked;
