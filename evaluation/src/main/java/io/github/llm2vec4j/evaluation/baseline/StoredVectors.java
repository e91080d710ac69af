package io.github.llm2vec4j.evaluation.baseline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.evaluation.TextEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another encoder, of which only its vectors are at hand: a JSON object a line, {@code {"text": "...", "embedding": [...]}},
 * as {@code encode --out FILE.jsonl} writes it. A line may also have an {@code "instruction"}: its vector then counts for
 * the text under that instruction alone; the vector without one counts for every instruction that has none of its own.
 */
public final class StoredVectors implements TextEncoder {
    private final String name;
    private final Path file;
    private final Map<String, float[]> vectors;

    private StoredVectors(String name, Path file, Map<String, float[]> vectors) {
        this.name = name;
        this.file = file;
        this.vectors = vectors;
    }

    /**
     * Reads a file.
     *
     * @param name shown in tables
     * @throws IllegalArgumentException naming the line that is not as it should be
     */
    public static StoredVectors read(String name, Path file) {
        JsonMapper json = new JsonMapper();
        Map<String, float[]> vectors = new HashMap<>();
        int length = -1;
        int number = 0;
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                JsonNode row = json.readTree(line);
                float[] vector = vector(row.path("embedding"));
                if (!row.path("text").isTextual() || vector == null || (length >= 0 && vector.length != length)) {
                    throw new IllegalArgumentException(file + " line " + number
                            + ": expected a \"text\" and an \"embedding\" of numbers, as many as in the lines before");
                }
                length = vector.length;
                vectors.put(
                        key(row.path("instruction").asText(""), row.path("text").textValue()), vector);
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException(
                    file + " line " + number + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return new StoredVectors(name, file, vectors);
    }

    private static float @Nullable [] vector(JsonNode values) {
        if (!values.isArray() || values.isEmpty()) {
            return null;
        }
        float[] vector = new float[values.size()];
        for (int i = 0; i < vector.length; i++) {
            if (!values.get(i).isNumber()) {
                return null;
            }
            vector[i] = values.get(i).floatValue();
        }
        return vector;
    }

    private static String key(String instruction, String text) {
        return instruction + "\0" + text;
    }

    @Override
    public String name() {
        return name;
    }

    /**
     * Looks the vectors up.
     *
     * @throws IllegalArgumentException saying how many of the texts have none
     */
    @Override
    public float[][] encode(@Nullable String instruction, List<String> texts) {
        float[][] found = new float[texts.size()][];
        int missing = 0;
        String example = "";
        for (int i = 0; i < found.length; i++) {
            float[] vector = vectors.get(key(instruction == null ? "" : instruction, texts.get(i)));
            vector = vector == null ? vectors.get(key("", texts.get(i))) : vector;
            if (vector == null) {
                missing++;
                example = texts.get(i);
            } else {
                found[i] = vector;
            }
        }
        if (missing > 0) {
            throw new IllegalArgumentException(file + ": has no vector for " + missing + " of " + found.length
                    + " texts, among them '" + example + "'");
        }
        return found;
    }
}
