package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.PendingFile;
import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Precision;
import io.github.llm2vec4j.core.encoder.Quantizer;
import io.github.llm2vec4j.core.encoder.VectorWriter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Quantises vectors to levels that span their own range, which is known only when all are there: they wait in a file beside
 * the target.
 */
final class SpooledQuantizer implements VectorWriter {
    /** With fewer texts their range says little of that of others. */
    private static final int FEW = 100;

    private static final JsonMapper JSON = new JsonMapper();

    private final Precision precision;
    private final VectorWriter target;
    private final PendingFile folder;
    private final Path spool;
    private final VectorWriter waiting;
    private float @Nullable [] least;
    private float[] largest = {};
    private long rows;

    /** Closes {@code target} with itself. */
    SpooledQuantizer(Precision precision, Path file, VectorWriter target) throws IOException {
        this.precision = precision;
        this.target = target;
        folder = PendingFile.beside(file.resolveSibling(file.getFileName() + ".spool"));
        spool = folder.path().resolve("vectors.jsonl");
        waiting = EmbeddingFiles.open(spool, DType.F32);
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, float[] vector) throws IOException {
        if (least == null) {
            least = vector.clone();
            largest = vector.clone();
        }
        for (int d = 0; d < vector.length; d++) {
            least[d] = Math.min(least[d], vector[d]);
            largest[d] = Math.max(largest[d], vector[d]);
        }
        rows++;
        waiting.add(text, Map.of("kept", JSON.createObjectNode().setAll(kept)), vector);
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, byte[] vector) {
        throw new UnsupportedOperationException("bytes are quantised already");
    }

    @Override
    public void finish() throws IOException {
        waiting.finish();
        if (rows < FEW) {
            System.err.printf(
                    "llm2vec: the levels of %s come from %d texts alone; --calibration takes more%n", precision, rows);
        }
        Quantizer quantizer = Quantizer.of(precision, new float[][] {Objects.requireNonNull(least), largest});
        try (Table table = Table.open(spool)) {
            for (Row row = table.next(); row != null; row = table.next()) {
                Map<String, JsonNode> kept = new LinkedHashMap<>();
                row.value("kept").properties().forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
                JsonNode values = row.value("embedding");
                float[] vector = new float[values.size()];
                for (int d = 0; d < vector.length; d++) {
                    vector[d] = values.get(d).floatValue();
                }
                target.add(row.value("text").asText(), kept, quantizer.quantize(vector));
            }
        }
        target.finish();
    }

    @Override
    public void close() throws IOException {
        waiting.close();
        AtomicFiles.deleteTree(folder.path());
        target.close();
    }
}
