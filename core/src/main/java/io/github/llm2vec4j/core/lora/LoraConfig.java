package io.github.llm2vec4j.core.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.hub.HubId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of an adapter, as in {@code adapter_config.json}.
 *
 * @param rank r
 * @param alpha the update is scaled by alpha / rank, or by alpha / √rank
 * @param dropout probability that an element of the adapter's input is dropped in training
 * @param targetModules last parts of the names of the linear layers that are adapted
 * @param baseModel folder of the model the adapter is for, or its name on the hub, with the revision or not
 * @param rankStabilized whether the scale is alpha / √rank (rsLoRA, Kalajdzievski 2023)
 * @param decomposed whether the length of each row of a changed weight is trained by itself (DoRA, Liu et al. 2024)
 */
public record LoraConfig(
        int rank,
        double alpha,
        double dropout,
        List<String> targetModules,
        String baseModel,
        boolean rankStabilized,
        boolean decomposed) {

    /** All linear layers of a block, as LLM2Vec adapts them. */
    public static final List<String> ALL_LINEAR =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public LoraConfig {
        if (rank < 1 || rank > 65_536) {
            throw new IllegalArgumentException("lora r: expected 1 to 65536, found " + rank);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora_dropout: expected 0 to below 1, found " + dropout);
        }
        targetModules = List.copyOf(targetModules);
    }

    /** A plain adapter (LoRA, Hu et al. 2021). */
    public LoraConfig(int rank, double alpha, double dropout, List<String> targetModules, String baseModel) {
        this(rank, alpha, dropout, targetModules, baseModel, false, false);
    }

    public double scale() {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }

    /**
     * Reads {@code adapter_config.json}.
     *
     * @throws BadCheckpointException if it is missing, damaged, or asks for a variant that is not supported
     */
    public static LoraConfig read(Path folder) {
        Path file = folder.resolve("adapter_config.json");
        if (!Files.isRegularFile(file)) {
            throw new BadCheckpointException(folder, "has no adapter_config.json: it is not an adapter folder");
        }
        try {
            JsonNode json = new JsonMapper().readTree(file.toFile());
            refuse(file, json, "fan_in_fan_out", "layers_to_transform", "modules_to_save");
            if (!json.path("peft_type").asText().equals("LORA")) {
                throw new BadCheckpointException(file, "peft_type " + json.path("peft_type") + " is not LORA");
            }
            if (!json.path("bias").asText("none").equals("none")) {
                throw new BadCheckpointException(file, "bias " + json.path("bias") + " is not supported");
            }
            List<String> targets = new ArrayList<>();
            json.path("target_modules").forEach(node -> targets.add(node.asText()));
            return new LoraConfig(
                    json.path("r").asInt(),
                    json.path("lora_alpha").asDouble(),
                    json.path("lora_dropout").asDouble(0),
                    targets,
                    baseModel(json),
                    json.path("use_rslora").asBoolean(false),
                    json.path("use_dora").asBoolean(false));
        } catch (IOException | IllegalArgumentException e) {
            throw new BadCheckpointException(file, "is not a valid adapter configuration: " + e.getMessage(), e);
        }
    }

    /** The base that an {@code adapter_config.json} names: PEFT writes its name on the hub and its revision apart. */
    public static String baseModel(JsonNode json) {
        String name = json.path("base_model_name_or_path").asText("");
        String revision = json.path("revision").asText("");
        return json.hasNonNull("revision") && HubId.isModel(name) ? name + "@" + revision : name;
    }

    private static void refuse(Path file, JsonNode json, String... keys) {
        for (String key : keys) {
            JsonNode node = json.path(key);
            if (!node.isMissingNode() && !node.isNull() && !(node.isBoolean() && !node.asBoolean())) {
                throw new BadCheckpointException(file, key + " = " + node + " is not supported");
            }
        }
    }

    ObjectNode toJson() {
        ObjectNode json = new JsonMapper().createObjectNode();
        int at = HubId.isModel(baseModel) ? baseModel.indexOf('@') : -1;
        json.put("base_model_name_or_path", at < 0 ? baseModel : baseModel.substring(0, at));
        json.put("revision", at < 0 ? null : baseModel.substring(at + 1));
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.put("lora_alpha", alpha);
        json.put("lora_dropout", dropout);
        json.putNull("modules_to_save");
        json.put("peft_type", "LORA");
        json.put("r", rank);
        targetModules.forEach(json.putArray("target_modules")::add);
        json.putNull("task_type");
        json.put("use_dora", decomposed);
        json.put("use_rslora", rankStabilized);
        return json;
    }
}
