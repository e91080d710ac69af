package io.github.llm2vec4j.core.torch;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The weight of a linear layer, copied into the layout that the CPU's matrix kernels (oneDNN's) read fastest. It only
 * multiplies: it has no gradient and cannot be read back.
 *
 * <p>A weight in bf16 or fp32 multiplies as it is. One in int8 has a scale for each output; the rows that it
 * multiplies are rounded to eight bits too, each with a scale of its own, so that a row's product does not depend on the
 * other rows.
 */
public final class PackedWeight implements AutoCloseable {
    private static final Optional<Kernel> REORDER = Kernel.find("mkldnn::_reorder_linear_weight", "");
    private static final Optional<Kernel> LINEAR = Kernel.find("mkldnn::_linear_pointwise", "");
    private static final Optional<Kernel> LINEAR_WITH = Kernel.find("mkldnn::_linear_pointwise", "binary");
    private static final Optional<Kernel> PREPACK = Kernel.find("onednn::qlinear_prepack", "");
    private static final Optional<Kernel> INT8_LINEAR = Kernel.find("onednn::qlinear_pointwise", "");

    private static final Map<DType, Boolean> AVAILABLE = new ConcurrentHashMap<>();

    private final Tensor packed;
    private final @Nullable Tensor bias;
    private final @Nullable Tensor scales;
    private final @Nullable Tensor zeros;

    private PackedWeight(Tensor packed, @Nullable Tensor bias, @Nullable Tensor scales, @Nullable Tensor zeros) {
        this.packed = packed.keep();
        this.bias = bias == null ? null : bias.copy().keep();
        this.scales = scales == null ? null : scales.keep();
        this.zeros = zeros == null ? null : zeros.keep();
    }

    /** Whether the CPU computes, and has the kernels for a type, which for bf16 takes AVX-512; for int8, type I8. */
    public static boolean isAvailable(DType type) {
        return Device.current() == Device.CPU && AVAILABLE.computeIfAbsent(type, PackedWeight::tryOut);
    }

    private static boolean tryOut(DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            if (type == DType.I8) {
                return PREPACK.isPresent() && INT8_LINEAR.isPresent();
            }
            if (REORDER.isEmpty() || LINEAR.isEmpty() || LINEAR_WITH.isEmpty()) {
                return false;
            }
            try (PackedWeight ones = of(Tensor.full(type, 1, 16, 16), null)) {
                ones.apply(new LinearInput(Tensor.full(type, 1, 16, 16)), Epilogue.NONE);
                return true;
            }
        } catch (RuntimeException e) {
            return false;
        }
    }

    /**
     * How many steps the largest weight has in int8. Kernels for CPUs without VNNI add two products in 16 bits, which
     * overflow above 64.
     */
    static double int8Levels() {
        return Levels.WEIGHTS;
    }

    /** Found out by a product whose sums are as large as they can be. */
    private static final class Levels {
        static final double WEIGHTS = isExact() ? 127 : 64;

        private static boolean isExact() {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor largest = Tensor.full(DType.F32, 127, 32, 64);
                try (PackedWeight weight = int8(QuantizedRows.of(largest, 127), null)) {
                    double sum = weight.apply(new LinearInput(largest), Epilogue.NONE)
                            .mean()
                            .item();
                    return Math.abs(sum / (64 * 127 * 127) - 1) < 1e-3;
                }
            }
        }
    }

    /** A weight (out, in), and a bias (out) or null, in bf16 or fp32. */
    public static PackedWeight of(Tensor weight, @Nullable Tensor bias) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            return new PackedWeight(REORDER.orElseThrow().call(weight, null), bias, null, null);
        }
    }

    /** A weight (out, in), rounded to int8 with a scale for each output, and a bias (out) or null. */
    public static PackedWeight int8(Tensor weight, @Nullable Tensor bias) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            return int8(QuantizedRows.of(weight, int8Levels()), bias);
        }
    }

    private static PackedWeight int8(QuantizedRows weight, @Nullable Tensor bias) {
        return new PackedWeight(
                PREPACK.orElseThrow().call(weight.values(), null),
                bias,
                weight.scales().to(DType.F32).reshape(-1),
                Tensor.zeros(DType.I32, weight.values().size(0)));
    }

    /** x · weightᵀ (+ bias), then the epilogue; x (…, in) → (…, out), in the type of x. */
    public Tensor apply(LinearInput input, Epilogue epilogue) {
        if (scales != null) {
            return epilogue.apply(int8Product(input));
        }
        Tensor x = input.tensor();
        return switch (epilogue.kind()) {
            case NONE -> LINEAR.orElseThrow().call(x, packed, bias, "none", Kernel.NO_NUMBERS, null);
            case SILU -> LINEAR.orElseThrow().call(x, packed, bias, "swish", Kernel.NO_NUMBERS, null);
            case GELU -> LINEAR.orElseThrow().call(x, packed, bias, "gelu", Kernel.NO_NUMBERS, "none");
            case GELU_TANH -> LINEAR.orElseThrow().call(x, packed, bias, "gelu", Kernel.NO_NUMBERS, "tanh");
            case TIMES -> LINEAR_WITH.orElseThrow().call(x, epilogue.operand(), packed, bias, "mul");
            case PLUS -> LINEAR_WITH.orElseThrow().call(x, epilogue.operand(), packed, bias, "add");
        };
    }

    private Tensor int8Product(LinearInput input) {
        Tensor x = input.tensor();
        QuantizedRows rows = input.quantized();
        Tensor product = INT8_LINEAR
                .orElseThrow()
                .call(
                        rows.values(),
                        1.0,
                        QuantizedRows.ZERO,
                        packed,
                        scales,
                        zeros,
                        null,
                        1.0,
                        0L,
                        (long) x.dtype().scalarType.value,
                        "none",
                        Kernel.NO_NUMBERS,
                        "");
        Tensor scaled = product.mulInPlace(rows.scales());
        return bias == null ? scaled : scaled.addInPlace(bias);
    }

    @Override
    public void close() {
        packed.close();
        if (bias != null) {
            bias.close();
        }
        if (scales != null) {
            scales.close();
        }
        if (zeros != null) {
            zeros.close();
        }
    }
}
