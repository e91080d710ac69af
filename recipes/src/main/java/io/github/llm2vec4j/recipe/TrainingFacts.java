package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.hub.ModelRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the record of a trained model says, for a report. */
final class TrainingFacts {
    private final JsonNode record;

    /** @param folder that of the model */
    TrainingFacts(Path folder) {
        record = ModelRecord.lastTraining(folder);
    }

    /** Settings, data with checksums, seed, versions; by name. */
    Map<String, String> entries() {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String key : List.of("steps", "seed", "compute_type", "workers")) {
            entries.put(key, record.path(key).asText());
        }
        record.path("settings").properties().forEach(e -> entries.put(e.getKey(), text(e.getValue())));
        for (JsonNode data : record.path("data")) {
            entries.put(
                    data.path("of").asText() + " of " + data.path("name").asText(),
                    data.path("sha256").asText());
        }
        record.path("versions").properties().forEach(e -> entries.put(e.getKey(), text(e.getValue())));
        return entries;
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** For each test set how much of it the data has; none where it was not looked for. */
    List<List<String>> overlaps(String training) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode overlap : record.path("overlap")) {
            rows.add(List.of(
                    training,
                    overlap.path("set").asText(),
                    overlap.path("texts").asText(),
                    overlap.path("found").asText(),
                    overlap.path("dropped").asBoolean() ? "yes" : "no"));
        }
        return rows;
    }
}
