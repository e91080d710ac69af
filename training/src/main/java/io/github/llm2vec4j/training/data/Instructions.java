package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What is said before the queries of each data set. Where there are several instructions for one, its rows take them in turn.
 *
 * @param byDataset by the name of the data set, which is that of its file without endings
 * @param other for data sets that are not named
 */
public record Instructions(Map<String, List<String>> byDataset, String other) {

    public Instructions {
        byDataset = Map.copyOf(byDataset);
    }

    /** One for all. */
    public static Instructions of(String instruction) {
        return new Instructions(Map.of(), instruction);
    }

    /**
     * From a JSON object of data sets, each with a text or a list of texts.
     *
     * @throws IllegalArgumentException naming the data set that has something else
     */
    public static Instructions of(JsonNode json, String other) {
        Map<String, List<String>> byDataset = new TreeMap<>();
        json.properties().forEach(entry -> {
            List<String> texts = new ArrayList<>();
            (entry.getValue().isArray() ? entry.getValue() : List.of(entry.getValue())).forEach(node -> {
                if (!node.isTextual()) {
                    throw new IllegalArgumentException(
                            entry.getKey() + ": expected a text or a list of texts, found " + entry.getValue());
                }
                texts.add(node.asText());
            });
            byDataset.put(entry.getKey(), texts);
        });
        return new Instructions(byDataset, other);
    }

    /** Those of the E5 data, as the reference has them. */
    public static JsonNode ofE5() {
        try (InputStream in = Instructions.class.getResourceAsStream("e5-instructions.json")) {
            return new JsonMapper().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException("e5-instructions.json", e);
        }
    }

    /** The instruction for a row, counted from 0. */
    String of(String dataset, long row) {
        List<String> own = byDataset.getOrDefault(dataset, List.of());
        return own.isEmpty() ? other : own.get((int) (row % own.size()));
    }
}
