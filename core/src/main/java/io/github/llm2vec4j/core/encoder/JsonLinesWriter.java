package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.PendingFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** An object a line: {@code text}, what is kept, {@code embedding}. */
final class JsonLinesWriter implements VectorWriter {
    private static final JsonMapper JSON = new JsonMapper();

    private final boolean unsigned;
    private final PendingFile pending;
    private final OutputStream out;

    JsonLinesWriter(Path file, boolean unsigned) throws IOException {
        this.unsigned = unsigned;
        pending = PendingFile.beside(file);
        out = new BufferedOutputStream(Files.newOutputStream(pending.path()), 1 << 16);
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, float[] vector) throws IOException {
        ArrayNode values = JSON.createArrayNode();
        for (float value : vector) {
            values.add(value);
        }
        write(text, kept, values);
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, byte[] vector) throws IOException {
        ArrayNode values = JSON.createArrayNode();
        for (byte value : vector) {
            values.add(unsigned ? Byte.toUnsignedInt(value) : value);
        }
        write(text, kept, values);
    }

    private void write(String text, Map<String, JsonNode> kept, ArrayNode values) throws IOException {
        ObjectNode row = JSON.createObjectNode();
        row.put("text", text);
        row.setAll(kept);
        row.set("embedding", values);
        out.write((row + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void finish() throws IOException {
        out.close();
        pending.commit();
    }

    @Override
    public void close() throws IOException {
        try (pending) {
            out.close();
        }
    }
}
