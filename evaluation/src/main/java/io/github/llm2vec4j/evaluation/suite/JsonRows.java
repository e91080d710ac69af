package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/** Reads JSON strictly: no key twice, nothing after the value. */
final class JsonRows {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonRows() {}

    /** One object of a JSONL file and its place. */
    record Row(SourceFile file, int line, JsonNode node) {
        /** A field that must be a string with something in it, stripped. */
        String text(String field) {
            JsonNode value = node.path(field);
            if (!value.isTextual() || value.textValue().isBlank()) {
                String found = value.isMissingNode() ? "fields " + names() : value.toString();
                throw file.malformed(line, "a string with text in field \"" + field + "\"", found);
            }
            return value.textValue().strip();
        }

        private List<String> names() {
            List<String> names = new ArrayList<>();
            node.fieldNames().forEachRemaining(names::add);
            return names;
        }
    }

    /** The rows of a JSONL file; blank lines are skipped. */
    static List<Row> lines(SourceFile file) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            if (!line.isBlank()) {
                JsonNode node = parse(file, i + 1, line);
                if (!node.isObject()) {
                    throw file.malformed(i + 1, "a JSON object", line);
                }
                rows.add(new Row(file, i + 1, node));
            }
        }
        return rows;
    }

    /** A file that is one JSON value. */
    static JsonNode whole(SourceFile file) {
        return parse(file, 0, String.join("\n", file.lines()));
    }

    private static JsonNode parse(SourceFile file, int line, String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            int at =
                    line > 0 || e.getLocation() == null ? line : e.getLocation().getLineNr();
            throw file.malformed(at, "valid JSON", e.getOriginalMessage());
        }
    }
}
