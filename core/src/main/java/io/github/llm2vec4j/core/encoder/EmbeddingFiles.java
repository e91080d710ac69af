package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
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
     * Opens a file for vectors that come one after the other, in the format of its ending.
     *
     * @param type of a value: {@code F32}, {@code I8} or {@code U8}
     * @throws IllegalArgumentException if the ending is none of {@link #ENDINGS}
     */
    public static VectorWriter open(Path file, DType type) throws IOException {
        return switch (ending(file)) {
            case ".npy" -> new MatrixWriter(file, (rows, columns) -> NpyFile.header(type, rows, columns));
            case ".safetensors" ->
                new MatrixWriter(file, (rows, columns) -> SafetensorsWriter.header("embeddings", type, rows, columns));
            default -> new JsonLinesWriter(file, type == DType.U8);
        };
    }

    /**
     * Writes vectors (texts, dimensions), in the format of the file's ending.
     *
     * @param texts that were encoded; only {@code .jsonl} holds them
     * @throws IllegalArgumentException if the ending is none of {@link #ENDINGS}
     */
    public static void write(Path file, float[][] vectors, List<String> texts) throws IOException {
        try (VectorWriter writer = open(file, DType.F32)) {
            for (int i = 0; i < vectors.length; i++) {
                writer.add(texts.get(i), Map.of(), vectors[i]);
            }
            writer.finish();
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
        try (VectorWriter writer = open(file, unsigned ? DType.U8 : DType.I8)) {
            for (int i = 0; i < vectors.length; i++) {
                writer.add(texts.get(i), Map.of(), vectors[i]);
            }
            writer.finish();
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
