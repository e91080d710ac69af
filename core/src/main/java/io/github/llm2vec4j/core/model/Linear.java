package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Epilogue;
import io.github.llm2vec4j.core.torch.LinearInput;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.PackedWeight;
import io.github.llm2vec4j.core.torch.QuantizedWeight;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer with an optional low-rank branch: x Wᵀ + b + scale · dropout(x) Aᵀ Bᵀ; where the branch has magnitudes
 * m, each output but for b is scaled by m / ‖W + scale · B A‖ of its row.
 */
public final class Linear implements AutoCloseable {
    private final String path;
    private final int inputs;
    private final int outputs;
    private @Nullable Parameter weight;
    private final @Nullable Parameter bias;
    private @Nullable PackedWeight packed;
    private @Nullable QuantizedWeight quantized;
    private @Nullable LowRank branch;

    /**
     * The branch of an adapter (LoRA, Hu et al. 2021; with magnitudes DoRA, Liu et al. 2024).
     *
     * @param a (rank, in)
     * @param b (out, rank)
     * @param scale alpha / rank
     * @param magnitude (out): the length that each row of the changed weight has, or null for that which comes out
     */
    public record LowRank(
            Parameter a,
            Parameter b,
            double scale,
            @Nullable Parameter magnitude) {

        /** Below any row of weights; it keeps a row of zeros from being divided by nothing. */
        private static final double TINY = 1e-30;

        /** The weight (out, in) in fp32 with this branch added in. */
        public Tensor merged(Tensor weight) {
            Tensor sum = b.value().matmul(a.value()).mulInPlace(scale).addInPlace(weight);
            return magnitude == null
                    ? sum
                    : sum.mul(magnitude.value().div(rowLengths(sum)).unsqueeze(1));
        }

        /** The length (out) of each row of a matrix (out, in) in fp32. */
        public static Tensor rowLengths(Tensor matrix) {
            return matrix.mul(matrix).sum(1).add(TINY).sqrt();
        }

        /** By what each output is scaled, (out); the row's length counts as a constant, as in the paper. */
        private Tensor factor(Tensor weight, Parameter lengths, Pass pass) {
            Tensor norm = Scope.compute(() -> {
                try (NoGrad off = NoGrad.enter()) {
                    return rowLengths(
                            weight.to(DType.F32).add(b.value().matmul(a.value()).mul(scale)));
                }
            });
            return pass.value(lengths).div(norm).to(pass.computeType());
        }
    }

    /** Weight (out, in), bias (out) or null; the path is its name in the model, as {@code layers.0.mlp.up_proj}. */
    Linear(String path, Parameter weight, @Nullable Parameter bias) {
        this.path = path;
        this.weight = weight;
        this.bias = bias;
        this.outputs = Math.toIntExact(weight.value().size(0));
        this.inputs = Math.toIntExact(weight.value().size(1));
    }

    public String path() {
        return path;
    }

    public int inputs() {
        return inputs;
    }

    public int outputs() {
        return outputs;
    }

    /**
     * The weight (out, in).
     *
     * @throws IllegalStateException if it was packed or quantised, and is gone
     */
    public Parameter weight() {
        if (weight == null) {
            throw new IllegalStateException(path + ": its weight is "
                    + (quantized == null ? "packed for encoding" : "quantised") + " and is no parameter any more");
        }
        return weight;
    }

    /** What the layer multiplies by, (out, in); where it is held as int8, the matrix that this stands for. */
    public Tensor weightValue() {
        return quantized == null ? weight().value() : quantized.dequantized();
    }

    @Nullable
    Parameter bias() {
        return bias;
    }

    public @Nullable LowRank branch() {
        return branch;
    }

    /** Adds a branch, or takes it away with null. */
    public void setBranch(@Nullable LowRank branch) {
        this.branch = branch;
    }

    /** Puts another weight of the same shape in place and closes the old one. */
    public void replaceWeight(Parameter replacement) {
        Parameter old = weight();
        weight = replacement;
        old.close();
    }

    /**
     * Takes the weight over into a layout, once and for all: from then on the layer only multiplies.
     *
     * @return whether it did; else the weight stays as it is
     */
    boolean pack(WeightLayout layout) {
        Parameter old = weight();
        packed = layout.pack(old.value(), bias == null ? null : bias.value());
        if (packed == null) {
            return false;
        }
        weight = null;
        old.close();
        return true;
    }

    boolean isPacked() {
        return packed != null;
    }

    /** Rounds the weight to int8, once and for all: adapters can be trained on it, but not be merged into it. */
    void quantize() {
        Parameter old = weight();
        quantized = QuantizedWeight.of(old.value());
        weight = null;
        old.close();
    }

    boolean isQuantized() {
        return quantized != null;
    }

    /** x (…, in) → (…, out), then the epilogue. {@code random} is used for the branch's dropout. */
    Tensor forward(LinearInput x, Pass pass, @Nullable RandomState random, Epilogue epilogue) {
        LowRank low = branch;
        if (low == null) {
            return packed == null ? epilogue.apply(product(x.tensor(), pass)) : packed.apply(x, epilogue);
        }
        Tensor update = update(low, x.tensor(), pass, random);
        Parameter magnitude = low.magnitude;
        if (magnitude == null) {
            Tensor result = packed == null ? product(x.tensor(), pass) : packed.apply(x, Epilogue.NONE);
            return epilogue.apply(result.addInPlace(update));
        }
        Tensor scaled = Scope.compute(() -> {
            Tensor own = weight(pass);
            return x.tensor().linear(own, null).add(update).mul(low.factor(own, magnitude, pass));
        });
        return epilogue.apply(bias == null ? scaled : scaled.add(pass.use(bias)));
    }

    /** What the branch adds. */
    private static Tensor update(LowRank low, Tensor x, Pass pass, @Nullable RandomState random) {
        boolean drops = pass.loraDropout() > 0 && random != null;
        Tensor input = drops ? x.dropped(pass.loraDropout(), random) : x;
        double scale = drops ? low.scale * Tensor.dropoutScale(pass.loraDropout()) : low.scale;
        // Both scales at once, where it is narrow.
        return input.linear(pass.use(low.a), null).mul(scale).linear(pass.use(low.b), null);
    }

    /**
     * Back-propagates through sum + this(x) without computing this layer's own product, which takes no part in any
     * gradient: that of x is the sum's times the weight.
     *
     * @param sum of the shape of the output
     * @param gradient that of the whole sum
     * @return whether it could; not where the weight is trained, or its product counts for the length of a row
     */
    boolean backwardWithoutProduct(Tensor sum, Tensor x, Tensor gradient, Pass pass, @Nullable RandomState random) {
        LowRank low = branch;
        boolean frozen = quantized != null || weight != null && !weight.trainable();
        if (!frozen || bias != null || low != null && low.magnitude != null) {
            return false;
        }
        Tensor rest = low == null ? sum : sum.add(update(low, x, pass, random));
        Tensor flowing = Scope.compute(() -> {
            try (NoGrad off = NoGrad.enter()) {
                return gradient.matmul(weight(pass));
            }
        });
        Tensor.backward(List.of(rest, x), List.of(gradient, flowing));
        return true;
    }

    private Tensor product(Tensor x, Pass pass) {
        return Scope.compute(() -> x.linear(weight(pass), bias == null ? null : pass.use(bias)));
    }

    private Tensor weight(Pass pass) {
        return quantized == null ? pass.use(weight()) : quantized.dequantized().to(pass.computeType());
    }

    @Override
    public void close() {
        if (weight != null) {
            weight.close();
        }
        if (packed != null) {
            packed.close();
        }
        if (quantized != null) {
            quantized.close();
        }
        if (bias != null) {
            bias.close();
        }
    }
}
