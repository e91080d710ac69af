package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Epilogue;
import io.github.llm2vec4j.core.torch.LinearInput;
import io.github.llm2vec4j.core.torch.PackedWeight;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Tensor;
import org.jspecify.annotations.Nullable;

/** A linear layer with an optional low-rank branch: x Wᵀ + b + scale · dropout(x) Aᵀ Bᵀ. */
public final class Linear implements AutoCloseable {
    private final String path;
    private final int inputs;
    private final int outputs;
    private @Nullable Parameter weight;
    private final @Nullable Parameter bias;
    private @Nullable PackedWeight packed;
    private @Nullable LowRank branch;

    /**
     * The branch of an adapter (Hu et al. 2021).
     *
     * @param a (rank, in)
     * @param b (out, rank)
     * @param scale alpha / rank
     */
    public record LowRank(Parameter a, Parameter b, double scale) {}

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
     * @throws IllegalStateException if it was packed, and is gone
     */
    public Parameter weight() {
        if (weight == null) {
            throw new IllegalStateException(path + ": its weight is packed for encoding and cannot be read");
        }
        return weight;
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

    /** Takes the weight over into a layout, once and for all: from then on the layer only multiplies. */
    void pack(WeightLayout layout) {
        Parameter old = weight();
        packed = layout.pack(old.value(), bias == null ? null : bias.value());
        if (packed != null) {
            weight = null;
            old.close();
        }
    }

    /** x (…, in) → (…, out), then the epilogue. {@code random} is used for the branch's dropout. */
    Tensor forward(LinearInput x, Pass pass, @Nullable RandomState random, Epilogue epilogue) {
        LowRank low = branch;
        if (low == null) {
            return packed == null ? epilogue.apply(product(x.tensor(), pass)) : packed.apply(x, epilogue);
        }
        Tensor result = packed == null ? product(x.tensor(), pass) : packed.apply(x, Epilogue.NONE);
        Tensor input =
                pass.loraDropout() > 0 && random != null ? x.tensor().dropout(pass.loraDropout(), random) : x.tensor();
        Tensor update = input.linear(pass.use(low.a), null).linear(pass.use(low.b), null);
        return epilogue.apply(result.add(update.mul(low.scale)));
    }

    private Tensor product(Tensor x, Pass pass) {
        return x.linear(pass.use(weight()), bias == null ? null : pass.use(bias));
    }

    @Override
    public void close() {
        if (weight != null) {
            weight.close();
        }
        if (packed != null) {
            packed.close();
        }
        if (bias != null) {
            bias.close();
        }
    }
}
