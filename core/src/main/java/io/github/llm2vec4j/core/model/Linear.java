package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Tensor;
import org.jspecify.annotations.Nullable;

/** A linear layer with an optional low-rank branch: x Wᵀ + b + scale · dropout(x) Aᵀ Bᵀ. */
public final class Linear implements AutoCloseable {
    private final String path;
    private final int inputs;
    private final int outputs;
    private Parameter weight;
    private final @Nullable Parameter bias;
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

    public Parameter weight() {
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
        Parameter old = weight;
        weight = replacement;
        old.close();
    }

    /** x (…, in) → (…, out). {@code random} is used for the branch's dropout. */
    Tensor forward(Tensor x, Pass pass, @Nullable RandomState random) {
        Tensor result = x.linear(pass.use(weight), bias == null ? null : pass.use(bias));
        LowRank low = branch;
        if (low == null) {
            return result;
        }
        Tensor input = pass.loraDropout() > 0 && random != null ? x.dropout(pass.loraDropout(), random) : x;
        Tensor update = input.linear(pass.use(low.a), null).linear(pass.use(low.b), null);
        return result.add(update.mul(low.scale));
    }

    @Override
    public void close() {
        weight.close();
        if (bias != null) {
            bias.close();
        }
    }
}
