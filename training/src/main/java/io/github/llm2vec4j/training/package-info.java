/**
 * The training loop and what stands around it.
 *
 * <p>Start with {@link io.github.llm2vec4j.training.Trainer}, whose loop fits a screen; an {@link
 * io.github.llm2vec4j.training.objective.Objective} says what is learned, a {@link
 * io.github.llm2vec4j.training.TrainingListener} hears of every step. {@link io.github.llm2vec4j.training.Stage} puts
 * one stage together from a configuration file.
 */
@NullMarked
package io.github.llm2vec4j.training;

import org.jspecify.annotations.NullMarked;
