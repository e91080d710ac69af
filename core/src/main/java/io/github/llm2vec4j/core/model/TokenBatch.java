package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Token ids of several texts as one rectangle, padded on the left as LLM2Vec pads.
 *
 * @param rows number of texts
 * @param length tokens in a row, padding included
 * @param ids row after row, rows · length
 * @param padding for each row, how many of its first positions are padding
 */
public record TokenBatch(int rows, int length, long[] ids, int[] padding) {

    public TokenBatch {
        if (ids.length != rows * length || padding.length != rows) {
            throw new IllegalArgumentException("token batch of " + rows + " rows of " + length + ": found " + ids.length
                    + " ids and " + padding.length + " paddings");
        }
    }

    /** Pads rows of differing lengths on the left to the longest. */
    public static TokenBatch of(List<int[]> rows, int padId) {
        return of(rows, padId, rows.stream().mapToInt(row -> row.length).max().orElse(0));
    }

    /** Pads rows on the left to a given length. */
    public static TokenBatch of(List<int[]> rows, int padId, int length) {
        long[] ids = new long[rows.size() * length];
        int[] padding = new int[rows.size()];
        Arrays.fill(ids, padId);
        for (int r = 0; r < rows.size(); r++) {
            int[] row = rows.get(r);
            padding[r] = length - row.length;
            for (int i = 0; i < row.length; i++) {
                ids[r * length + padding[r] + i] = row[i];
            }
        }
        return new TokenBatch(rows.size(), length, ids, padding);
    }

    public boolean isPadded() {
        return Arrays.stream(padding).anyMatch(p -> p > 0);
    }

    /** Rows {@code from} to {@code to} with the same length. */
    public TokenBatch slice(int from, int to) {
        return new TokenBatch(
                to - from,
                length,
                Arrays.copyOfRange(ids, from * length, to * length),
                Arrays.copyOfRange(padding, from, to));
    }

    Tensor idTensor() {
        return Tensor.of(ids, rows, length);
    }
}
