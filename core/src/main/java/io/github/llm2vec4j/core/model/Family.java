package io.github.llm2vec4j.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * In what a model family differs from the others, as data on the one decoder.
 *
 * @param modelType the {@code model_type} of its config.json
 * @param defaultActivation the gate's activation where the configuration names none
 * @param windows which blocks have a sliding window where the configuration does not list them
 * @param traits what its blocks have that those of Llama have not
 */
record Family(String modelType, String defaultActivation, Windows windows, Set<Trait> traits) {

    enum Trait {
        /** The query, key and value projections have a bias. */
        ATTENTION_BIAS,
        /** Each head of the queries and the keys is normed before the rotary positions. */
        HEAD_NORMS,
        /** A norm multiplies by 1 + weight, in fp32. */
        NORM_PLUS_ONE,
        /** Embeddings are multiplied by the square root of the hidden size. */
        SCALED_EMBEDDINGS,
        /** What attention and the feed-forward put out is normed too, before it is added to the residual stream. */
        OUTPUT_NORMS,
        /** Attention scores and logits are capped softly, and the scale of scores is configured. */
        SOFT_CAPS,
        /** The output head is the embedding table unless the configuration denies it. */
        TIED_BY_DEFAULT
    }

    enum Windows {
        /** The family has none: a configuration that asks for one is refused. */
        NONE,
        ALL_LAYERS,
        /** Those from {@code max_window_layers} on, if {@code use_sliding_window} is set. */
        UPPER_LAYERS,
        /** The first, the third and so on. */
        EVERY_OTHER_LAYER
    }

    private static final List<Family> ALL = List.of(
            new Family("mistral", "silu", Windows.ALL_LAYERS, Set.of()),
            new Family("llama", "silu", Windows.NONE, Set.of()),
            new Family("qwen2", "silu", Windows.UPPER_LAYERS, Set.of(Trait.ATTENTION_BIAS)),
            new Family("qwen3", "silu", Windows.UPPER_LAYERS, Set.of(Trait.HEAD_NORMS)),
            new Family(
                    "gemma",
                    "gelu_pytorch_tanh",
                    Windows.NONE,
                    Set.of(Trait.NORM_PLUS_ONE, Trait.SCALED_EMBEDDINGS, Trait.TIED_BY_DEFAULT)),
            new Family(
                    "gemma2",
                    "gelu_pytorch_tanh",
                    Windows.EVERY_OTHER_LAYER,
                    Set.of(
                            Trait.NORM_PLUS_ONE,
                            Trait.SCALED_EMBEDDINGS,
                            Trait.OUTPUT_NORMS,
                            Trait.SOFT_CAPS,
                            Trait.TIED_BY_DEFAULT)));

    static Family of(String modelType) {
        return ALL.stream()
                .filter(family -> family.modelType.equals(modelType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model_type '" + modelType
                        + "' is not supported: expected one of "
                        + ALL.stream().map(Family::modelType).collect(Collectors.joining(", "))));
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** The name of the family's class with an output head in the Python package transformers. */
    String architecture() {
        return Character.toUpperCase(modelType.charAt(0)) + modelType.substring(1) + "ForCausalLM";
    }

    /** For each block the keys that a causal query may look back on, 0 for all. */
    List<Integer> slidingWindows(ConfigJson json, int layers) {
        if (windows == Windows.NONE) {
            return repeat(0, layers);
        }
        boolean used = json.flag("use_sliding_window", windows != Windows.UPPER_LAYERS);
        int window = json.has("sliding_window") ? json.integer("sliding_window", 1, Integer.MAX_VALUE) : 0;
        int first = windows == Windows.UPPER_LAYERS ? json.integer("max_window_layers", 28, 0, Integer.MAX_VALUE) : 0;
        List<String> types = json.has("layer_types") ? json.texts("layer_types") : List.of();
        if (!used || window == 0) {
            return repeat(0, layers);
        }
        if (types.isEmpty()) {
            int step = windows == Windows.EVERY_OTHER_LAYER ? 2 : 1;
            return IntStream.range(0, layers)
                    .mapToObj(layer -> layer >= first && layer % step == 0 ? window : 0)
                    .toList();
        }
        if (types.size() != layers) {
            throw new IllegalArgumentException(
                    "layer_types: expected one for each of " + layers + " layers, found " + types.size());
        }
        return types.stream()
                .map(type -> switch (type) {
                    case "sliding_attention" -> window;
                    case "full_attention" -> 0;
                    default ->
                        throw new IllegalArgumentException("layer_types: '" + type
                                + "' is not supported: expected full_attention or sliding_attention");
                })
                .toList();
    }

    private static List<Integer> repeat(int value, int count) {
        Integer[] all = new Integer[count];
        Arrays.fill(all, value);
        return List.of(all);
    }
}
