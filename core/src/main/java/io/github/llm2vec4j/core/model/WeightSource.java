package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Weights;
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
    static WeightSource of(Weights checkpoint, DType type, boolean trainable) {
        return (name, shape) -> {
            String full = storedName(checkpoint, canonical(name));
            if (!Arrays.equals(checkpoint.shape(full), shape)) {
                throw new BadCheckpointException(
                        checkpoint.source(),
                        "tensor '" + full + "': config.json asks for shape " + Arrays.toString(shape) + ", found "
                                + Arrays.toString(checkpoint.shape(full)));
            }
            try (Scope scope = Scope.open()) {
                Tensor stored = checkpoint.tensor(full);
                if (!stored.dtype().isFloatingPoint()) {
                    throw new BadCheckpointException(
                            checkpoint.source(), "tensor '" + full + "': unsupported weight type " + stored.dtype());
                }
                Tensor value = trainable ? stored.to(DType.F32).copy() : stored.to(type);
                if (value != stored) {
                    checkpoint.release(full);
                }
                return new Parameter(canonical(name), value, trainable);
            }
        };
    }

    /** A random start for pre-training. */
    static WeightSource random(DecoderConfig config, long seed) {
        return (name, shape) -> {
            try (Scope scope = Scope.open()) {
                return new Parameter(canonical(name), randomValue(config, seed, canonical(name), shape), true);
            }
        };
    }

    /** N(0, 0.02) in fp32, projections back into the residual stream scaled by depth; norms begin as no change. */
    static Tensor randomValue(DecoderConfig config, long seed, String name, long... shape) {
        if (shape.length == 1) {
            boolean one = name.endsWith("norm.weight") && !config.family().has(Family.Trait.NORM_PLUS_ONE);
            return Tensor.full(DType.F32, one ? 1 : 0, shape);
        }
        boolean residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
        double deviation = residual ? 0.02 / Math.sqrt(2.0 * config.layers()) : 0.02;
        return Tensor.zeros(DType.F32, shape)
                .normalInPlace(0, deviation, RandomState.seeded(RandomState.mix(seed, name.hashCode())));
    }

    /** Names and shapes alone: every weight is one element seen many times. */
    static WeightSource shapesOnly() {
        return (name, shape) -> {
            try (Scope scope = Scope.open()) {
                return new Parameter(canonical(name), Tensor.zeros(DType.F32, 1).expand(shape), false);
            }
        };
    }

    /** What a checkpoint calls a parameter: some name a decoder's own without {@code model.} before it. */
    static String storedName(Weights checkpoint, String name) {
        boolean bare = name.startsWith("model.") && !checkpoint.has("model.embed_tokens.weight");
        return bare ? name.substring("model.".length()) : name;
    }

    private static String canonical(String name) {
        return name.startsWith("lm_head.") ? name : "model." + name;
    }
}
