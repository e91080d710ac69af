package io.github.llm2vec4j.core.torch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The weight of a linear layer, copied into a layout that the CPU's matrix kernels read fastest. It only multiplies: it
 * has no gradient and cannot be read back.
 */
public abstract class PackedWeight implements AutoCloseable {
    private static final Map<DType, Boolean> AVAILABLE = new ConcurrentHashMap<>();

    /** Whether the CPU computes, and has the kernels for a type, which for bf16 takes AVX-512; for int8, type I8. */
    public static boolean isAvailable(DType type) {
        return Device.current() == Device.CPU
                && AVAILABLE.computeIfAbsent(
                        type, t -> t == DType.I8 ? Int8Weight.hasKernels() : ReorderedWeight.hasKernels(t));
    }

    /** Whether the CPU computes, and has the kernels for {@link #int4}. */
    public static boolean isInt4Available() {
        return Device.current() == Device.CPU && Int4Weight.hasKernels();
    }

    /** A weight (out, in), and a bias (out) or null, in bf16 or fp32. */
    public static PackedWeight of(Tensor weight, @Nullable Tensor bias) {
        return new ReorderedWeight(weight, bias);
    }

    /** A weight (out, in), rounded to int8 with a scale for each output, and a bias (out) or null. */
    public static PackedWeight int8(Tensor weight, @Nullable Tensor bias) {
        return new Int8Weight(weight, bias);
    }

    /**
     * A weight (out, in), rounded to 4 bits with a scale for every few inputs of each output, and a bias (out) or null, in
     * bf16 or fp32.
     *
     * @throws IllegalArgumentException if its size is not one that the kernel takes: inputs by {@value Int4Weight#GROUP},
     *     outputs by {@value Int4Weight#OUTPUTS}
     */
    public static PackedWeight int4(Tensor weight, @Nullable Tensor bias) {
        return new Int4Weight(weight, bias);
    }

    /** x · weightᵀ (+ bias), then the epilogue; x (…, in) → (…, out), in the type of x. */
    public abstract Tensor apply(LinearInput input, Epilogue epilogue);

    /** A copy that lives on. */
    static @Nullable Tensor kept(@Nullable Tensor tensor) {
        return tensor == null ? null : tensor.copy().keep();
    }

    static void close(@Nullable Tensor tensor) {
        if (tensor != null) {
            tensor.close();
        }
    }

    @Override
    public abstract void close();
}
