package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.tagging.TagTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * What a trained tagger tags and how, as in its {@code tagger.json}.
 *
 * @param task what the tags are
 * @param labels names of the classes, in the order of the head's rows
 * @param reading which states make that of a word
 * @param bidirectional whether a token sees those after it too
 */
public record TaggerConfig(TagTask task, List<String> labels, WordReading reading, boolean bidirectional) {
    static final String FILE = "tagger.json";

    public TaggerConfig {
        labels = List.copyOf(labels);
        if (labels.isEmpty() || new HashSet<>(labels).size() < labels.size()) {
            throw new IllegalArgumentException("labels: expected at least one and each once, found " + labels);
        }
    }

    /**
     * Reads {@code tagger.json}.
     *
     * @throws BadCheckpointException if it is missing or not valid
     */
    public static TaggerConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new BadCheckpointException(folder, "has no " + FILE + ": it is not a tagger; train word makes one");
        }
        try {
            JsonNode json = new JsonMapper().readTree(file.toFile());
            List<String> labels = new ArrayList<>();
            json.path("labels").forEach(label -> labels.add(label.asText()));
            return new TaggerConfig(
                    TagTask.of(json.path("task").asText()),
                    labels,
                    WordReading.of(
                            json.path("retroactive_labels").asText(),
                            json.path("merge_subwords").asBoolean(true)),
                    json.path("bidirectional").asBoolean(true));
        } catch (IOException | IllegalArgumentException e) {
            throw new BadCheckpointException(file, "is not a valid description of a tagger: " + e.getMessage(), e);
        }
    }

    /** Writes {@code tagger.json} into a folder. */
    public void write(Path folder) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("task", task.toString());
        json.put("retroactive_labels", reading.name());
        json.put("merge_subwords", reading.merged());
        json.put("bidirectional", bidirectional);
        labels.forEach(json.putArray("labels")::add);
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }
}
