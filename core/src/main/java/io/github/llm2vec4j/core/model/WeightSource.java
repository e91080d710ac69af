package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Checkpoint;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where the parameters of a decoder come from: a checkpoint or a random start. */
interface WeightSource {

    /** The parameter of a name (without the checkpoint's prefix) and shape. */
    Parameter parameter(String name, long... shape);

    default Linear linear(String path, int outputs, int inputs, boolean bias) {
        Parameter weight = parameter(path + ".weight", outputs, inputs);
        @Nullable Parameter offset = bias ? parameter(path + ".bias", outputs) : null;
        return new Linear(path, weight, offset);
    }

    /**
     * Weights of a checkpoint, as views of its mapping where they are stored in the wanted type, as copies otherwise.
     *
     * @param trainable whether they are to be trained, and so held in fp32
     */
    static WeightSource of(Checkpoint checkpoint, DType type, boolean trainable) {
        String prefix = checkpoint.has("model.embed_tokens.weight") ? "model." : "";
        return (name, shape) -> {
            String full = name.startsWith("lm_head.") ? name : prefix + name;
            if (!Arrays.equals(checkpoint.shape(full), shape)) {
                throw new BadCheckpointException(
                        checkpoint.folder(),
                        "tensor '" + full + "': config.json asks for shape " + Arrays.toString(shape) + ", found "
                                + Arrays.toString(checkpoint.shape(full)));
            }
            try (Scope scope = Scope.open()) {
                Tensor stored = checkpoint.tensor(full);
                if (!stored.dtype().isFloatingPoint()) {
                    throw new BadCheckpointException(
                            checkpoint.folder(), "tensor '" + full + "': unsupported weight type " + stored.dtype());
                }
                Tensor value = trainable ? stored.to(DType.F32).copy() : stored.to(type);
                return new Parameter(canonical(name), value, trainable);
            }
        };
    }

    /** A random start for pre-training: N(0, 0.02), projections back into the residual stream scaled by depth. */
    static WeightSource random(DecoderConfig config, long seed) {
        double normWeight = config.family().has(Family.Trait.NORM_PLUS_ONE) ? 0 : 1;
        return (name, shape) -> {
            try (Scope scope = Scope.open()) {
                boolean residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
                double deviation = residual ? 0.02 / Math.sqrt(2.0 * config.layers()) : 0.02;
                Tensor value = shape.length == 1
                        ? Tensor.full(DType.F32, name.endsWith("norm.weight") ? normWeight : 0, shape)
                        : Tensor.zeros(DType.F32, shape)
                                .normalInPlace(
                                        0, deviation, RandomState.seeded(RandomState.mix(seed, name.hashCode())));
                return new Parameter(canonical(name), value, true);
            }
        };
    }

    private static String canonical(String name) {
        return name.startsWith("lm_head.") ? name : "model." + name;
    }
}
