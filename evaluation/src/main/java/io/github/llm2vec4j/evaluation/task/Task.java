package io.github.llm2vec4j.evaluation.task;

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
}
