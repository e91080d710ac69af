package io.github.llm2vec4j.evaluation.task;

import java.util.List;

/** Something to measure: {@link SentenceTask} with text embeddings, {@link WordTagging} with word vectors. */
public sealed interface Task permits SentenceTask, WordTagging {
    /** The name in tables and files, unique in a suite. */
    String name();

    /** The metric shown first. */
    String mainMetric();

    /** Items trained on, 0 for a task without training. */
    int trainSize();

    /** Items tested on. */
    int testSize();

    /** The texts of the train part, empty for a task without training; a sentence of words is joined by spaces. */
    List<String> trainTexts();

    /** The texts of the test part: all that is encoded to take the score. */
    List<String> testTexts();

    /** The texts that no model may have been trained on: those of the test part, without what only stands beside them. */
    default List<String> heldOutTexts() {
        return testTexts();
    }
}
