package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Checkpoint;
import io.github.llm2vec4j.core.checkpoint.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model as its files hold it, opened without reading a weight.
 *
 * @param config what the decoder needs to know
 * @param json the whole of {@code config.json}
 * @param weights the weights by the names that transformers gives them
 */
public record StoredModel(DecoderConfig config, ObjectNode json, Weights weights) implements AutoCloseable {

    /**
     * Opens a model folder.
     *
     * @throws BadCheckpointException if it is not a model, or a file is damaged
     */
    public static StoredModel open(Path model) {
        DecoderConfig config = DecoderConfig.read(model);
        return new StoredModel(config, readConfig(model.resolve("config.json")), Checkpoint.open(model));
    }

    private static ObjectNode readConfig(Path file) {
        try {
            return (ObjectNode) new JsonMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        }
    }

    /** Whether the model has an output head, its own or the embedding table. */
    public boolean hasHead() {
        return config.tieWordEmbeddings() || weights.has("lm_head.weight");
    }

    /** The type in which most of the weights are stored, such as {@code BF16} or {@code Q4_K}. */
    public String storedType() {
        Map<String, Long> elements = new TreeMap<>();
        weights.names().forEach(name -> elements.merge(weights.storedType(name), elements(name), Long::sum));
        return elements.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow(() -> new BadCheckpointException(weights.source(), "holds no tensor"));
    }

    /** How many numbers the weights are. */
    public long parameterCount() {
        return weights.names().stream().mapToLong(this::elements).sum();
    }

    private long elements(String name) {
        return Arrays.stream(weights.shape(name)).reduce(1, (a, b) -> a * b);
    }

    @Override
    public void close() {
        weights.close();
    }
}
