package io.github.llm2vec4j.core.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * In what a model family differs from the others, as data on the one decoder.
 *
 * @param modelType the {@code model_type} of its config.json
 * @param attentionBias whether the query, key and value projections have a bias
 * @param normPlusOne whether a norm multiplies by 1 + weight
 * @param scaledEmbeddings whether embeddings are multiplied by the square root of the hidden size
 * @param defaultActivation the gate's activation where the configuration names none
 */
record Family(
        String modelType,
        boolean attentionBias,
        boolean normPlusOne,
        boolean scaledEmbeddings,
        String defaultActivation) {

    private static final List<Family> ALL = List.of(
            new Family("mistral", false, false, false, "silu"),
            new Family("llama", false, false, false, "silu"),
            new Family("qwen2", true, false, false, "silu"),
            new Family("gemma", false, true, true, "gelu_pytorch_tanh"));

    static Family of(String modelType) {
        return ALL.stream()
                .filter(family -> family.modelType.equals(modelType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model_type '" + modelType
                        + "' is not supported: expected one of "
                        + ALL.stream().map(Family::modelType).collect(Collectors.joining(", "))));
    }
}
