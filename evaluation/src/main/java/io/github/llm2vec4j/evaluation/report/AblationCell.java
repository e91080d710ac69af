package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.List;

/**
 * One model of an ablation, read in one way.
 *
 * @param attention {@code causal} or {@code bidirectional}
 * @param training {@code none}, or what it was trained by
 * @param pooling of the sentence tasks
 * @param layer 0 for the embeddings, k for the output of block k
 * @param results one a task; those of the word tasks are the same for every pooling
 */
public record AblationCell(String attention, String training, String pooling, int layer, List<TaskResult> results) {
    public AblationCell {
        results = List.copyOf(results);
    }

    /** The model, however it is read. */
    String model() {
        return attention + ", " + training;
    }

    /** The row in tables; no other cell of an ablation has it. */
    public String name() {
        return model() + ", " + pooling + ", layer " + layer;
    }

    boolean trained() {
        return !training.equals("none");
    }

    /** The results under a name. */
    ModelResult named(String name) {
        return new ModelResult(
                name, results.stream().map(result -> result.named(name)).toList());
    }
}
