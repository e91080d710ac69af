package io.github.llm2vec4j.core.torch;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A weight as int8 with a scale for each output. The rows that it multiplies are rounded to eight bits too, each with a
 * scale of its own, so that a row's product does not depend on the other rows.
 */
final class Int8Weight extends PackedWeight {
    private static final Optional<Kernel> PREPACK = Kernel.find("onednn::qlinear_prepack", "");
    private static final Optional<Kernel> LINEAR = Kernel.find("onednn::qlinear_pointwise", "");

    private final Tensor packed;
    private final Tensor scales;
    private final Tensor zeros;
    private final @Nullable Tensor bias;

    Int8Weight(Tensor weight, @Nullable Tensor bias) {
        this(weight, bias, levels());
    }

    private Int8Weight(Tensor weight, @Nullable Tensor bias, double levels) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            QuantizedRows rows = QuantizedRows.of(weight, levels);
            packed = PREPACK.orElseThrow().call(rows.values(), null).keep();
            scales = rows.scales().to(DType.F32).reshape(-1).copy().keep();
            zeros = Tensor.zeros(DType.I32, weight.size(0)).keep();
            this.bias = kept(bias);
        }
    }

    static boolean hasKernels() {
        return PREPACK.isPresent() && LINEAR.isPresent();
    }

    /**
     * How many steps the largest weight has. Kernels for CPUs without VNNI add two products in 16 bits, which overflow
     * above 64.
     */
    static double levels() {
        return Levels.WEIGHTS;
    }

    /** Found out by a product whose sums are as large as they can be. */
    private static final class Levels {
        static final double WEIGHTS = isExact() ? 127 : 64;

        private static boolean isExact() {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor largest = Tensor.full(DType.F32, 127, 32, 64);
                try (PackedWeight weight = new Int8Weight(largest, null, 127)) {
                    double sum = weight.apply(new LinearInput(largest), Epilogue.NONE)
                            .mean()
                            .item();
                    return Math.abs(sum / (64 * 127 * 127) - 1) < 1e-3;
                }
            }
        }
    }

    @Override
    public Tensor apply(LinearInput input, Epilogue epilogue) {
        Tensor x = input.tensor();
        QuantizedRows rows = input.quantized();
        Tensor product = LINEAR.orElseThrow()
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
        return epilogue.apply(bias == null ? scaled : scaled.addInPlace(bias));
    }

    @Override
    public void close() {
        packed.close();
        scales.close();
        zeros.close();
        close(bias);
    }
}
