package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which keys each query may attend to.
 *
 * @param mask additive (0 or the least value of the type), broadcastable to (batch, heads, queries, keys), or null for
 *     no mask
 * @param causal whether the engine's own causal mask applies, when there is no other
 * @param fused whether the engine's own kernel takes the mask, which knows a plain causal one
 */
record AttentionMask(@Nullable Tensor mask, boolean causal, boolean fused) {

    /** @param fused whether the engine's own kernel takes the mask */
    static AttentionMask of(TokenBatch batch, Pass pass, int slidingWindow, boolean fused) {
        boolean causal = pass.direction() == Pass.Direction.CAUSAL;
        if (!causal) {
            return new AttentionMask(batch.isPadded() ? keysOnly(batch, pass.computeType()) : null, false, fused);
        }
        boolean windowed = slidingWindow > 0 && slidingWindow < batch.length();
        if (!batch.isPadded() && !windowed) {
            return fused
                    ? new AttentionMask(null, true, true)
                    : new AttentionMask(causal(batch.slice(0, 1), Integer.MAX_VALUE, pass.computeType()), false, false);
        }
        return new AttentionMask(
                causal(batch, windowed ? slidingWindow : Integer.MAX_VALUE, pass.computeType()), false, fused);
    }

    /** The mask of texts of one length without padding. */
    static AttentionMask of(PackedBatch.Group group, Pass pass, int slidingWindow, boolean fused) {
        int length = group.length();
        return of(new TokenBatch(1, length, new long[length], new int[1]), pass, slidingWindow, fused);
    }

    /** Every query sees every real key. Shape (batch, 1, 1, keys). */
    private static Tensor keysOnly(TokenBatch batch, DType type) {
        float[] mask = new float[batch.rows() * batch.length()];
        for (int r = 0; r < batch.rows(); r++) {
            for (int k = 0; k < batch.padding()[r]; k++) {
                mask[r * batch.length() + k] = least(type);
            }
        }
        return Tensor.of(mask, batch.rows(), 1, 1, batch.length()).to(type);
    }

    /**
     * A query sees real keys up to itself and no further back than the window. A query that sees none, which only
     * padding can be, becomes the mean of all values, since the least value swallows its scores: so it does in the
     * reference. Shape (batch, 1, queries, keys).
     */
    private static Tensor causal(TokenBatch batch, int window, DType type) {
        int n = batch.length();
        float[] mask = new float[batch.rows() * n * n];
        for (int r = 0; r < batch.rows(); r++) {
            int pad = batch.padding()[r];
            for (int q = 0; q < n; q++) {
                int row = (r * n + q) * n;
                for (int k = 0; k < n; k++) {
                    boolean seen = k >= pad && k <= q && k > (long) q - window;
                    mask[row + k] = seen ? 0 : least(type);
                }
            }
        }
        return Tensor.of(mask, batch.rows(), 1, n, n).to(type);
    }

    private static float least(DType type) {
        return type == DType.F16 ? -65504f : -3.3895314e38f;
    }
}
