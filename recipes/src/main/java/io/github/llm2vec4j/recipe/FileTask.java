package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.task.Task;

/** A task made of files that are named on their own. */
public sealed interface FileTask permits TaggedTask, SimilarityFile {
    /**
     * Reads the files.
     *
     * @throws io.github.llm2vec4j.training.data.BadDataException if a file is missing or not of the form
     */
    Task read();
}
