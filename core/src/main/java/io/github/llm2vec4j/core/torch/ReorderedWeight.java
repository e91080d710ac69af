package io.github.llm2vec4j.core.torch;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A weight in bf16 or fp32 in the order in which the kernels (oneDNN's) read it; it multiplies as it is. */
final class ReorderedWeight extends PackedWeight {
    private static final Optional<Kernel> REORDER = Kernel.find("mkldnn::_reorder_linear_weight", "");
    private static final Optional<Kernel> LINEAR = Kernel.find("mkldnn::_linear_pointwise", "");
    private static final Optional<Kernel> LINEAR_WITH = Kernel.find("mkldnn::_linear_pointwise", "binary");

    private final Tensor packed;
    private final @Nullable Tensor bias;

    ReorderedWeight(Tensor weight, @Nullable Tensor bias) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            packed = REORDER.orElseThrow().call(weight, null).keep();
            this.bias = kept(bias);
        }
    }

    static boolean hasKernels(DType type) {
        if (REORDER.isEmpty() || LINEAR.isEmpty() || LINEAR_WITH.isEmpty()) {
            return false;
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                PackedWeight ones = new ReorderedWeight(Tensor.full(type, 1, 16, 16), null)) {
            ones.apply(new LinearInput(Tensor.full(type, 1, 16, 16)), Epilogue.NONE);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Override
    public Tensor apply(LinearInput input, Epilogue epilogue) {
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

    @Override
    public void close() {
        packed.close();
        close(bias);
    }
}
