package io.github.llm2vec4j.core.torch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own attention, in one kernel that never holds all scores. In bf16 it multiplies by a plain loop where
 * the CPU lacks AMX, some 30 times slower than the same attention written out as matrix products, so its speed is
 * measured, not assumed.
 */
public final class FusedAttention {
    private static volatile @Nullable Boolean fast;

    private FusedAttention() {}

    /**
     * Attention of queries (batch, heads, queries, headDim) on keys and values (batch, kvHeads, keys, headDim), in
     * their type; where the kernel of bf16 is slow, computed in fp32.
     *
     * @param mask additive or boolean (true = may attend), broadcastable to (batch, heads, queries, keys), or null
     */
    public static Tensor of(
            Tensor queries, Tensor keys, Tensor values, @Nullable Tensor mask, boolean causal, double scale) {
        if (queries.dtype() != DType.BF16 || isFastInBf16()) {
            return call(queries, keys, values, mask, causal, scale);
        }
        Tensor wideMask = mask == null || mask.dtype() != DType.BF16 ? mask : mask.to(DType.F32);
        return call(queries.to(DType.F32), keys.to(DType.F32), values.to(DType.F32), wideMask, causal, scale)
                .to(DType.BF16);
    }

    /** Whether the kernel of bf16 is faster on this host than that of fp32, measured once in a few milliseconds; on a GPU it is. */
    public static boolean isFastInBf16() {
        if (Device.current() == Device.CUDA) {
            return true;
        }
        Boolean known = fast;
        if (known == null) {
            known = seconds(DType.BF16) < seconds(DType.F32);
            fast = known;
        }
        return known;
    }

    private static Tensor call(
            Tensor queries, Tensor keys, Tensor values, @Nullable Tensor mask, boolean causal, double scale) {
        long queriesPerKey = queries.size(1) / keys.size(1);
        if (queriesPerKey > 1 && mask != null && Device.current() == Device.CUDA) {
            // On a GPU the fused kernel that takes a mask wants a key head for each query head.
            return call(
                    queries, keys.repeated(1, queriesPerKey), values.repeated(1, queriesPerKey), mask, causal, scale);
        }
        return Tensor.received(torch.scaled_dot_product_attention(
                queries.pointer(),
                keys.pointer(),
                values.pointer(),
                mask == null ? new TensorOptional() : new TensorOptional(mask.pointer()),
                0.0,
                causal,
                new DoubleOptional(scale),
                queriesPerKey > 1));
    }

    /** The median time for two heads of 64 on 128 tokens. */
    private static double seconds(DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor heads = Tensor.full(type, 0.5, 1, 2, 128, 64);
            return Timing.median(() -> call(heads, heads, heads, null, false, 0.125));
        }
    }
}
