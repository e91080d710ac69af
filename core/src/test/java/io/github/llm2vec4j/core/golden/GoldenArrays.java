package io.github.llm2vec4j.core.golden;

import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.torch.Scope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The arrays of one fixture file, as plain Java arrays. */
public final class GoldenArrays implements AutoCloseable {
    private final SafetensorsFile file;

    GoldenArrays(Path path) {
        file = SafetensorsFile.open(path);
    }

    public boolean has(String name) {
        return file.names().contains(name);
    }

    /** The names that start with a prefix, without it. */
    public Set<String> namesUnder(String prefix) {
        return file.names().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .collect(Collectors.toSet());
    }

    public int[] shape(String name) {
        return Arrays.stream(file.shape(name)).mapToInt(Math::toIntExact).toArray();
    }

    /** All values in row order. */
    public float[] floats(String name) {
        try (Scope scope = Scope.open()) {
            return file.tensor(name).toFloats();
        }
    }

    /** All values in row order. */
    public int[] ints(String name) {
        try (Scope scope = Scope.open()) {
            return Arrays.stream(file.tensor(name).toLongs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        }
    }

    /** The rows of a matrix. */
    public int[][] intRows(String name) {
        int[] flat = ints(name);
        int columns = shape(name)[1];
        int[][] rows = new int[shape(name)[0]][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** The rows of a matrix. */
    public float[][] floatRows(String name) {
        try (Scope scope = Scope.open()) {
            return file.tensor(name).toRows();
        }
    }

    /** Token rows whose padding on the left is taken away. */
    public int[][] unpadded(String idsName, String maskName) {
        int[][] ids = intRows(idsName);
        int[][] mask = intRows(maskName);
        for (int r = 0; r < ids.length; r++) {
            ids[r] = Arrays.copyOfRange(ids[r], padding(mask[r]), ids[r].length);
        }
        return ids;
    }

    /** The zeros at the start of a row of an attention mask. */
    public static int padding(int[] mask) {
        int count = 0;
        while (count < mask.length && mask[count] == 0) {
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        file.close();
    }
}
