package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object a line. Blank lines are no rows. */
final class JsonLinesTable extends Table {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // as Python and DuckDB write them
            .build();

    private final Lines lines;

    JsonLinesTable(String source, InputStream stream) {
        super(source);
        lines = new Lines(source, stream);
    }

    @Override
    public @Nullable List<String> columns() {
        return null;
    }

    @Override
    public @Nullable Row next() {
        String line = lines.next();
        while (line != null && line.isBlank()) {
            line = lines.next();
        }
        return line == null ? null : row(lines.place(), line);
    }

    static Row row(String place, String object) {
        try {
            JsonNode node = JSON.readTree(object);
            if (!node.isObject()) {
                throw new BadDataException(place + ": expected a JSON object");
            }
            Map<String, JsonNode> values = new LinkedHashMap<>();
            node.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
            return new Row(place, values);
        } catch (JsonProcessingException e) {
            throw new BadDataException(place + ": not valid JSON: " + e.getOriginalMessage());
        }
    }

    @Override
    public void close() {
        lines.close();
    }
}
