package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.training.TrainingListener;

/** Hears of a recipe's progress. */
public interface RecipeListener {

    /** A step begins, or is skipped because it was complete. {@code number} counts from 1. */
    default void stepStarted(String name, int number, int steps, boolean complete) {}

    /** A task was scored. */
    default void scored(String model, String task, String metric, double score) {}

    /** Something is to be read: a table of a search, what was chosen. Lines of text. */
    default void said(String text) {}

    /** Hears of the training steps of a stage. */
    default TrainingListener training(String stepName) {
        return new TrainingListener() {};
    }
}
