package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The shape of a decoder, from its config.json.
 *
 * @param vocabSize rows of the embedding table
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the feed-forward gate
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headDim width of a head
 * @param rmsNormEps added to the mean square in a norm
 * @param ropeTheta base of the rotary frequencies
 * @param slidingWindow keys a causal query may look back on, or 0 for all; without effect when bidirectional
 * @param tieWordEmbeddings whether the output head is the embedding table
 * @param activation {@code silu}, {@code gelu} or {@code gelu_pytorch_tanh}
 */
public record DecoderConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        double rmsNormEps,
        double ropeTheta,
        RopeScaling ropeScaling,
        int slidingWindow,
        boolean tieWordEmbeddings,
        String activation) {

    public DecoderConfig {
        Family.of(modelType);
        positive("vocab_size", vocabSize, 10_000_000);
        positive("hidden_size", hiddenSize, 1_000_000);
        positive("intermediate_size", intermediateSize, 10_000_000);
        positive("num_hidden_layers", layers, 10_000);
        positive("num_attention_heads", heads, 100_000);
        positive("num_key_value_heads", kvHeads, 100_000);
        positive("head_dim", headDim, 100_000);
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + kvHeads);
        }
        if (headDim % 2 != 0) {
            throw new IllegalArgumentException("head_dim " + headDim + " is odd: rotary positions need pairs");
        }
        switch (activation) {
            case "silu", "gelu", "gelu_pytorch_tanh" -> {}
            default ->
                throw new IllegalArgumentException(
                        "hidden_act '" + activation + "' is not supported: expected silu, gelu or gelu_pytorch_tanh");
        }
        ropeScaling.apply(1.0);
    }

    private static void positive(String key, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(key + ": expected 1 to " + most + ", found " + value);
        }
    }

    Family family() {
        return Family.of(modelType);
    }

    /**
     * Reads {@code config.json} of a model folder.
     *
     * @throws BadCheckpointException if it is missing, is not valid, or asks for what is not supported
     */
    public static DecoderConfig read(Path folder) {
        Path file = folder.resolve("config.json");
        if (!Files.isRegularFile(file)) {
            throw new BadCheckpointException(
                    folder,
                    Files.isDirectory(folder)
                            ? "has no config.json: it is not a model folder"
                            : "no such folder: give a model folder");
        }
        try {
            return of(new JsonMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new BadCheckpointException(file, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The configuration in a parsed config.json.
     *
     * @throws IllegalArgumentException if a key is missing or out of range
     */
    public static DecoderConfig of(JsonNode json) {
        if (json.hasNonNull("quantization_config")) {
            throw new IllegalArgumentException("quantization_config: quantised checkpoints are not supported");
        }
        Family family = Family.of(json.path("model_type").asText(""));
        int hidden = integer(json, "hidden_size");
        int heads = integer(json, "num_attention_heads");
        if (!json.hasNonNull("head_dim") && heads > 0 && hidden % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size " + hidden + " is not a multiple of num_attention_heads " + heads);
        }
        boolean gemma = family.scaledEmbeddings();
        return new DecoderConfig(
                family.modelType(),
                integer(json, "vocab_size"),
                hidden,
                integer(json, "intermediate_size"),
                integer(json, "num_hidden_layers"),
                heads,
                json.hasNonNull("num_key_value_heads") ? integer(json, "num_key_value_heads") : heads,
                json.hasNonNull("head_dim") ? integer(json, "head_dim") : hidden / Math.max(heads, 1),
                json.path("rms_norm_eps").asDouble(1e-6),
                ropeTheta(json),
                ropeScaling(json),
                json.path("use_sliding_window").asBoolean(true)
                        ? json.path("sliding_window").asInt(0)
                        : 0,
                json.path("tie_word_embeddings").asBoolean(gemma),
                activation(json, family));
    }

    private static String activation(JsonNode json, Family family) {
        for (String key : new String[] {"hidden_activation", "hidden_act"}) {
            if (json.hasNonNull(key)) {
                String name = json.get(key).asText();
                return family.defaultActivation().startsWith("gelu") && name.equals("gelu")
                        ? family.defaultActivation()
                        : name;
            }
        }
        return family.defaultActivation();
    }

    private static double ropeTheta(JsonNode json) {
        JsonNode parameters = json.path("rope_parameters");
        return json.hasNonNull("rope_theta")
                ? json.get("rope_theta").asDouble()
                : parameters.path("rope_theta").asDouble(10_000);
    }

    private static RopeScaling ropeScaling(JsonNode json) {
        JsonNode node = json.hasNonNull("rope_scaling") ? json.get("rope_scaling") : json.path("rope_parameters");
        if (!node.isObject()) {
            return RopeScaling.NONE;
        }
        String type = node.path("rope_type").asText(node.path("type").asText("default"));
        if (type.equals("default")) {
            return RopeScaling.NONE;
        }
        return new RopeScaling(
                type,
                node.path("factor").asDouble(1),
                node.path("low_freq_factor").asDouble(1),
                node.path("high_freq_factor").asDouble(4),
                node.path("original_max_position_embeddings").asInt(8192));
    }

    private static int integer(JsonNode json, String key) {
        JsonNode node = json.get(key);
        if (node == null || !node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new IllegalArgumentException(key + ": expected an integer, found " + node);
        }
        return node.intValue();
    }
}
