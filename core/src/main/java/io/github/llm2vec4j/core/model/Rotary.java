package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021), with the two halves of a head as the pairs. A row's positions count from its first
 * real token, so that in bf16, where angles are rounded, they are the same whatever the padding.
 *
 * @param cos (seq, 1, headDim), both halves alike, or (batch, seq, 1, headDim) where rows are padded
 * @param sin as cos, the first half negated
 */
record Rotary(Tensor cos, Tensor sin) {

    static Rotary of(DecoderConfig config, TokenBatch batch, DType type) {
        int first = -Arrays.stream(batch.padding()).max().orElse(0);
        Rotary table = table(config, first, batch.length(), type);
        return batch.isPadded() ? table.byRow(batch, first) : table;
    }

    /** The angles of rows whose positions count from the left edge, padding included. */
    static Rotary byEdge(DecoderConfig config, int length, DType type) {
        return table(config, 0, length, type);
    }

    /** The angles of each token of a packed row, (tokens, 1, headDim). */
    static Rotary of(DecoderConfig config, PackedBatch batch, DType type) {
        Rotary table = table(config, 0, batch.longest(), type);
        Tensor positions = Tensor.of(batch.positions(), batch.ids().length);
        return new Rotary(table.cos.indexSelect(0, positions), table.sin.indexSelect(0, positions));
    }

    /** The angles of positions {@code first} to {@code length}. */
    private static Rotary table(DecoderConfig config, int first, int length, DType type) {
        int positions = length - first;
        int half = config.headDim() / 2;
        int width = 2 * half;
        float[] cos = new float[positions * width];
        float[] sin = new float[positions * width];
        for (int i = 0; i < half; i++) {
            float frequency = (float) config.ropeScaling()
                    .apply((float) (1.0 / Math.pow(config.ropeTheta(), 2.0 * i / config.headDim())));
            for (int p = 0; p < positions; p++) {
                float angle = (p + first) * frequency;
                cos[p * width + i] = (float) Math.cos(angle);
                cos[p * width + half + i] = cos[p * width + i];
                sin[p * width + i] = (float) -Math.sin(angle);
                sin[p * width + half + i] = (float) Math.sin(angle);
            }
        }
        return new Rotary(
                Tensor.of(cos, positions, 1, width).to(type),
                Tensor.of(sin, positions, 1, width).to(type));
    }

    /** From a table (positions, 1, headDim) whose first entry is position {@code first}, each row's own angles. */
    private Rotary byRow(TokenBatch batch, int first) {
        long[] index = new long[batch.rows() * batch.length()];
        for (int i = 0; i < index.length; i++) {
            index[i] = i % batch.length() - batch.padding()[i / batch.length()] - first;
        }
        Tensor rows = Tensor.of(index, index.length);
        return new Rotary(
                cos.indexSelect(0, rows).reshape(batch.rows(), batch.length(), 1, -1),
                sin.indexSelect(0, rows).reshape(batch.rows(), batch.length(), 1, -1));
    }

    /** Turns each pair by its angle; x (batch, seq, heads, headDim). */
    Tensor apply(Tensor x) {
        long half = x.size(-1) / 2;
        Tensor swapped = Tensor.cat(List.of(x.narrow(-1, half, half), x.narrow(-1, 0, half)), -1);
        return x.mul(cos).addProductInPlace(swapped, sin, 1);
    }
}
