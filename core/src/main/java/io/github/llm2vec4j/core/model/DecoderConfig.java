package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
 * @param slidingWindows for each block the keys that a causal query may look back on, or 0 for all; without effect when
 *     bidirectional
 * @param tieWordEmbeddings whether the output head is the embedding table
 * @param attentionScale by which the products of queries and keys are multiplied
 * @param attentionSoftCap c in c · tanh(score / c), or 0 for uncapped scores
 * @param logitSoftCap the same for the output head's logits
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
        List<Integer> slidingWindows,
        boolean tieWordEmbeddings,
        double attentionScale,
        double attentionSoftCap,
        double logitSoftCap,
        String activation) {

    public DecoderConfig {
        Family.of(modelType);
        slidingWindows = List.copyOf(slidingWindows);
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
    }

    Family family() {
        return Family.of(modelType);
    }

    /** The name of the model's class with an output head in the Python package transformers. */
    public String architecture() {
        return family().architecture();
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
     * The configuration in a parsed config.json, of version 4 or 5 of the Python package transformers.
     *
     * @throws IllegalArgumentException if a key is missing or out of range, or asks for what is not supported
     */
    public static DecoderConfig of(JsonNode node) {
        ConfigJson json = ConfigJson.of(node);
        Family family = Family.of(json.text("model_type", ""));
        if (json.has("quantization_config")) {
            throw new IllegalArgumentException("quantization_config: quantised checkpoints are not supported");
        }
        json.refuseUnlessOff("attention_bias", "mlp_bias", "is_encoder_decoder", "use_mrope");
        json.refuseUnless("partial_rotary_factor", 1);
        int hidden = json.integer("hidden_size", 1, 1_000_000);
        int heads = json.integer("num_attention_heads", 1, 100_000);
        int layers = json.integer("num_hidden_layers", 1, 10_000);
        if (!json.has("head_dim") && hidden % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size " + hidden + " is not a multiple of num_attention_heads " + heads);
        }
        int headDim = json.integer("head_dim", hidden / heads, 1, 100_000);
        boolean softCaps = family.has(Family.Trait.SOFT_CAPS);
        Rope rope = Rope.read(json);
        DecoderConfig config = new DecoderConfig(
                family.modelType(),
                json.integer("vocab_size", 1, 10_000_000),
                hidden,
                json.integer("intermediate_size", 1, 10_000_000),
                layers,
                heads,
                json.integer("num_key_value_heads", heads, 1, 100_000),
                headDim,
                json.number("rms_norm_eps", 1e-6),
                rope.theta,
                rope.scaling,
                family.slidingWindows(json, layers),
                json.flag("tie_word_embeddings", family.has(Family.Trait.TIED_BY_DEFAULT)),
                1 / Math.sqrt(softCaps ? json.number("query_pre_attn_scalar") : headDim),
                softCaps ? json.numberOrNull("attn_logit_softcapping") : 0,
                softCaps ? json.numberOrNull("final_logit_softcapping") : 0,
                activation(json, family));
        json.refuseUnread("model_type '" + family.modelType() + "'");
        return config;
    }

    /** Files of the first Gemma say {@code gelu} where its makers meant the tanh approximation. */
    private static String activation(ConfigJson json, Family family) {
        String byDefault = family.defaultActivation();
        String name = json.text("hidden_activation", json.text("hidden_act", byDefault));
        return name.equals("gelu") && byDefault.startsWith("gelu") ? byDefault : name;
    }

    private record Rope(double theta, RopeScaling scaling) {
        private static final double DEFAULT_THETA = 10_000;

        /** From {@code rope_theta} and {@code rope_scaling}, or from {@code rope_parameters}, or from both alike. */
        static Rope read(ConfigJson json) {
            double theta = json.number("rope_theta", DEFAULT_THETA);
            RopeScaling scaling =
                    json.has("rope_scaling") ? RopeScaling.read(json.object("rope_scaling")) : RopeScaling.NONE;
            if (!json.has("rope_parameters")) {
                return new Rope(theta, scaling);
            }
            ConfigJson parameters = json.object("rope_parameters");
            Rope rope = new Rope(parameters.number("rope_theta", theta), RopeScaling.read(parameters));
            if (json.has("rope_theta") && rope.theta != theta
                    || json.has("rope_scaling") && !rope.scaling.equals(scaling)) {
                throw new IllegalArgumentException("rope_parameters: " + rope + ", but rope_theta and rope_scaling say "
                        + new Rope(theta, scaling));
            }
            return rope;
        }
    }
}
