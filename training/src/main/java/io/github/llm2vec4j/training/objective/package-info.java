/**
 * What is learned: next tokens, masked next tokens, which texts mean the same, or the tags of words.
 *
 * <p>An {@link io.github.llm2vec4j.training.objective.Objective} turns a step's number into a loss and gradients; what
 * it does at a step is a pure function of the seed and that number.
 */
@NullMarked
package io.github.llm2vec4j.training.objective;

import org.jspecify.annotations.NullMarked;
