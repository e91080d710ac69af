package io.github.llm2vec4j.core.torch;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A weight as 4 bits, from −7 to 7, with a scale for every {@value #GROUP} inputs of each output. It is made wide again
 * inside the product, which is computed in the type of what it multiplies.
 */
final class Int4Weight extends PackedWeight {
    /** Inputs to a scale. */
    static final int GROUP = 32;

    /** The number of outputs is a multiple of this. */
    static final int OUTPUTS = 16;

    private static final long ZERO = 8;
    private static final Optional<Kernel> PACK = Kernel.find("aten::_convert_weight_to_int4pack_for_cpu", "");
    private static final Optional<Kernel> LINEAR = Kernel.find("aten::_weight_int4pack_mm_for_cpu", "");

    private final Tensor packed;
    private final Tensor scales;
    private final @Nullable Tensor bias;

    Int4Weight(Tensor weight, @Nullable Tensor bias) {
        long outputs = weight.size(0);
        long inputs = weight.size(1);
        if (inputs % GROUP != 0 || outputs % OUTPUTS != 0) {
            throw new IllegalArgumentException("weights int4: a layer of " + inputs + " inputs and " + outputs
                    + " outputs: expected inputs by " + GROUP + " and outputs by " + OUTPUTS + "; take int8");
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor groups = weight.to(DType.F32).reshape(outputs, inputs / GROUP, GROUP);
            Tensor largest = groups.abs().max(-1).unsqueeze(-1);
            // Never zero; the rounding of a step takes no value to 7.5.
            Tensor steps = largest.mul(1 / 7.0).add(Float.MIN_NORMAL).to(weight.dtype());
            Tensor values = groups.div(steps.to(DType.F32))
                    .roundInPlace()
                    .addInPlace(ZERO)
                    .to(DType.I32)
                    .reshape(outputs, inputs);
            packed = PACK.orElseThrow().call(values, 2L).keep();
            Tensor byGroup = steps.reshape(outputs, inputs / GROUP, 1).transpose(0, 1);
            // The second of each pair is what is added to a value; zero stands for zero.
            Tensor none = Tensor.zeros(weight.dtype(), inputs / GROUP, outputs, 1);
            scales = Tensor.cat(List.of(byGroup, none), 2).contiguous().keep();
            this.bias = kept(bias);
        }
    }

    static boolean hasKernels() {
        return PACK.isPresent() && LINEAR.isPresent();
    }

    @Override
    public Tensor apply(LinearInput input, Epilogue epilogue) {
        Tensor x = input.tensor();
        long[] shape = x.shape();
        Tensor product =
                LINEAR.orElseThrow().call(x.reshape(-1, shape[shape.length - 1]), packed, (long) GROUP, scales);
        shape[shape.length - 1] = scales.size(1);
        Tensor result = product.reshape(shape);
        return epilogue.apply(bias == null ? result : result.add(bias));
    }

    @Override
    public void close() {
        packed.close();
        scales.close();
        close(bias);
    }
}
