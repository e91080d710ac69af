package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.function.UnaryOperator;

/** A task on embeddings of whole texts. */
public sealed interface SentenceTask extends Task
        permits BitextMining,
                Classification,
                Clustering,
                FewShotClassification,
                PairClassification,
                Paraphrase,
                Reranking,
                Retrieval,
                SemanticSimilarity {

    /**
     * The same task with the texts of its test part changed: all of them, or, where a corpus or candidates are searched,
     * the queries, and of translations the first sentences. The train part stays.
     */
    SentenceTask withTestTexts(UnaryOperator<String> change);

    /** Runs the task on an encoder's embeddings or on a baseline's rows. */
    TaskResult run(TextFeatures model);

    /** Runs the task on an encoder's embeddings. */
    default TaskResult run(TextEncoder encoder) {
        return run(new EncoderFeatures(encoder));
    }
}
