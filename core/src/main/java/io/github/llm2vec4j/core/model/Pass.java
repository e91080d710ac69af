package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How one forward pass runs.
 *
 * @param direction which keys a query may attend to
 * @param computeType type of the activations
 * @param leaves the worker's trainable leaves, or null when nothing is trained
 * @param attentionDropout probability that an attention weight is dropped
 * @param loraDropout probability that an element of an adapter's input is dropped
 * @param dropoutSeed from which every dropout mask of the pass follows
 */
public record Pass(
        Direction direction,
        DType computeType,
        @Nullable Leaves leaves,
        double attentionDropout,
        double loraDropout,
        long dropoutSeed) {

    /** Which keys a query may attend to. */
    public enum Direction {
        /** Those before it and itself. */
        CAUSAL,
        /** All of its text. */
        BIDIRECTIONAL
    }

    /** A pass without training. */
    public static Pass inference(Direction direction, DType computeType) {
        return new Pass(direction, computeType, null, 0, 0, 0);
    }

    /** The value of a parameter in this pass, in the compute type. */
    public Tensor use(Parameter parameter) {
        return value(parameter).to(computeType);
    }

    /** The value of a parameter in this pass, in the parameter's own type. */
    public Tensor value(Parameter parameter) {
        return parameter.trainable() && leaves != null ? leaves.of(parameter) : parameter.value();
    }

    boolean hasDropout() {
        return attentionDropout > 0 || loraDropout > 0;
    }

    /** The random numbers of one layer, the same each time they are asked for. */
    RandomState random(int layer) {
        return RandomState.seeded(RandomState.mix(dropoutSeed, layer));
    }
}
