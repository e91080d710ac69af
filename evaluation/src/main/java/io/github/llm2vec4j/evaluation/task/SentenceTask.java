package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.TaskResult;

/** A task on embeddings of whole texts. */
public sealed interface SentenceTask extends Task
        permits BitextMining,
                Classification,
                Clustering,
                PairClassification,
                Paraphrase,
                Reranking,
                Retrieval,
                SemanticSimilarity {

    /** Runs the task on an encoder's embeddings or on a baseline's rows. */
    TaskResult run(TextFeatures model);

    /** Runs the task on an encoder's embeddings. */
    default TaskResult run(TextEncoder encoder) {
        return run(new EncoderFeatures(encoder));
    }
}
