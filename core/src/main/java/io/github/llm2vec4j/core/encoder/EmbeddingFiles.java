package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes vectors to files that Python reads: {@code .npy}, {@code .safetensors}, {@code .jsonl}. */
public final class EmbeddingFiles {
    private EmbeddingFiles() {}

    /** The endings that can be written. */
    public static final List<String> ENDINGS = List.of(".npy", ".safetensors", ".jsonl");

    /**
     * Writes vectors (texts, dimensions), in the format of the file's ending.
     *
     * @param texts that were encoded; only {@code .jsonl} holds them
     * @throws IllegalArgumentException if the ending is none of {@link #ENDINGS}
     */
    public static void write(Path file, float[][] vectors, List<String> texts) throws IOException {
        String name = file.getFileName().toString();
        String ending = name.contains(".") ? name.substring(name.lastIndexOf('.')) : "";
        switch (ending) {
            case ".npy" -> AtomicFiles.write(file, out -> npy(out, vectors));
            case ".safetensors" -> safetensors(file, vectors);
            case ".jsonl" -> AtomicFiles.write(file, out -> jsonl(out, vectors, texts));
            default ->
                throw new IllegalArgumentException(
                        file + ": cannot tell the format: expected a name that ends in " + String.join(", ", ENDINGS));
        }
    }

    /** NumPy's format 1.0: little-endian fp32 in row order. */
    private static void npy(OutputStream out, float[][] vectors) throws IOException {
        int dimensions = vectors.length == 0 ? 0 : vectors[0].length;
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (" + vectors.length + ", " + dimensions + "), }";
        int padding = 64 - (10 + header.length() + 1) % 64;
        String padded = header + " ".repeat(padding % 64) + "\n";
        ByteBuffer start = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        start.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        start.put((byte) 1).put((byte) 0).putShort((short) padded.length());
        out.write(start.array());
        out.write(padded.getBytes(StandardCharsets.US_ASCII));
        for (float[] row : vectors) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * row.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(row);
            out.write(bytes.array());
        }
    }

    private static void safetensors(Path file, float[][] vectors) throws IOException {
        int dimensions = vectors.length == 0 ? 0 : vectors[0].length;
        float[] flat = new float[Math.multiplyExact(vectors.length, dimensions)];
        for (int i = 0; i < vectors.length; i++) {
            System.arraycopy(vectors[i], 0, flat, i * dimensions, dimensions);
        }
        try (Scope scope = Scope.open()) {
            SafetensorsWriter.write(file, Map.of("embeddings", Tensor.of(flat, vectors.length, dimensions)), Map.of());
        }
    }

    private static void jsonl(OutputStream out, float[][] vectors, List<String> texts) throws IOException {
        JsonMapper json = new JsonMapper();
        for (int i = 0; i < vectors.length; i++) {
            ObjectNode row = json.createObjectNode();
            row.put("text", texts.get(i));
            ArrayNode values = row.putArray("embedding");
            for (float value : vectors[i]) {
                values.add(value);
            }
            out.write((row + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The first {@code dimensions} of a vector, at length 1 where asked for. */
    public static float[] shape(float[] vector, int dimensions, boolean normalize) {
        if (dimensions < 1 || dimensions > vector.length) {
            throw new IllegalArgumentException(
                    "--dim " + dimensions + ": expected 1 to " + vector.length + ", the model's dimensions");
        }
        float[] cut = Arrays.copyOf(vector, dimensions);
        if (!normalize) {
            return cut;
        }
        double sum = 0;
        for (float value : cut) {
            sum += (double) value * value;
        }
        double norm = Math.max(Math.sqrt(sum), 1e-12);
        for (int i = 0; i < cut.length; i++) {
            cut[i] = (float) (cut[i] / norm);
        }
        return cut;
    }
}
