package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
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
        switch (ending(file)) {
            case ".npy" -> AtomicFiles.write(file, out -> NpyFile.write(out, vectors));
            case ".safetensors" -> {
                int width = vectors.length == 0 ? 0 : vectors[0].length;
                float[] flat = new float[Math.multiplyExact(vectors.length, width)];
                for (int i = 0; i < vectors.length; i++) {
                    System.arraycopy(vectors[i], 0, flat, i * width, width);
                }
                try (Scope scope = Scope.open()) {
                    safetensors(file, Tensor.of(flat, vectors.length, width));
                }
            }
            default ->
                jsonl(file, texts, (i, values) -> {
                    for (float value : vectors[i]) {
                        values.add(value);
                    }
                });
        }
    }

    /**
     * Writes vectors of bytes (texts, bytes), in the format of the file's ending.
     *
     * @param unsigned whether the bytes are from 0 to 255, rather than from -128 to 127
     * @param texts that were encoded; only {@code .jsonl} holds them
     * @throws IllegalArgumentException if the ending is none of {@link #ENDINGS}
     */
    public static void write(Path file, byte[][] vectors, boolean unsigned, List<String> texts) throws IOException {
        switch (ending(file)) {
            case ".npy" -> AtomicFiles.write(file, out -> NpyFile.write(out, vectors, unsigned));
            case ".safetensors" -> {
                int width = vectors.length == 0 ? 0 : vectors[0].length;
                byte[] flat = new byte[Math.multiplyExact(vectors.length, width)];
                for (int i = 0; i < vectors.length; i++) {
                    System.arraycopy(vectors[i], 0, flat, i * width, width);
                }
                try (Scope scope = Scope.open()) {
                    safetensors(file, Tensor.ofBytes(unsigned ? DType.U8 : DType.I8, flat, vectors.length, width));
                }
            }
            default ->
                jsonl(file, texts, (i, values) -> {
                    for (byte value : vectors[i]) {
                        values.add(unsigned ? Byte.toUnsignedInt(value) : value);
                    }
                });
        }
    }

    /**
     * Reads the fp32 vectors of a {@code .npy} file.
     *
     * @throws io.github.llm2vec4j.core.checkpoint.BadCheckpointException if it holds something else
     */
    public static float[][] readNpy(Path file) {
        return NpyFile.read(file);
    }

    private static String ending(Path file) {
        return ENDINGS.stream()
                .filter(file.getFileName().toString()::endsWith)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": cannot tell the format: expected a name that ends in " + String.join(", ", ENDINGS)));
    }

    private static void safetensors(Path file, Tensor vectors) throws IOException {
        SafetensorsWriter.write(file, Map.of("embeddings", vectors), Map.of());
    }

    /** Adds the values of the vector of a text to an array. */
    @FunctionalInterface
    private interface Values {
        void add(int text, ArrayNode array);
    }

    private static void jsonl(Path file, List<String> texts, Values values) throws IOException {
        JsonMapper json = new JsonMapper();
        AtomicFiles.write(file, out -> {
            for (int i = 0; i < texts.size(); i++) {
                ObjectNode row = json.createObjectNode();
                row.put("text", texts.get(i));
                values.add(i, row.putArray("embedding"));
                out.write((row + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
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
