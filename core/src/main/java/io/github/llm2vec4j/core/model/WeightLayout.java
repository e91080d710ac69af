package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.PackedWeight;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the weights of the linear layers are held for encoding. */
public enum WeightLayout {
    /** {@link #PACKED} for a model of less than a gigabyte on a host that has the kernels, else {@link #STORED}. */
    AUTO,
    /** As they are in the file, mapped and not copied where it has the compute type. */
    STORED,
    /** Copied into the layout that the CPU's matrix kernels read fastest. */
    PACKED,
    /** Rounded to int8 with a scale for each output: half the memory of bf16, and products in int8. */
    INT8,
    /** Rounded to 4 bits with a scale for every 32 inputs of each output: a third of the memory of bf16, but slower. */
    INT4;

    private static final long SMALL = 1L << 30;

    /**
     * The layout of a name: {@code auto}, {@code stored}, {@code packed}, {@code int8} or {@code int4}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static WeightLayout of(String name) {
        for (WeightLayout layout : values()) {
            if (layout.name().equals(name.toUpperCase(Locale.ROOT))) {
                return layout;
            }
        }
        throw new IllegalArgumentException(
                "weights: expected auto, stored, packed, int8 or int4, found '" + name + "'");
    }

    /** What to do with so many bytes of weights of a type. */
    WeightLayout resolved(long bytes, DType type) {
        boolean packable = (type == DType.BF16 || type == DType.F32) && PackedWeight.isAvailable(type);
        if (this == AUTO) {
            return packable && bytes < SMALL ? PACKED : STORED;
        }
        if ((this == PACKED && !packable)
                || (this == INT8 && !PackedWeight.isAvailable(DType.I8))
                || (this == INT4 && !PackedWeight.isInt4Available())) {
            throw new IllegalArgumentException("weights " + name().toLowerCase(Locale.ROOT)
                    + ": this host has no kernels for it with " + type.torchName() + "; take stored, or float32");
        }
        return this;
    }

    /** A weight in this layout, or null where it stays as it is. */
    @Nullable
    PackedWeight pack(Tensor weight, @Nullable Tensor bias) {
        return switch (this) {
            case PACKED -> PackedWeight.of(weight, bias);
            case INT8 -> PackedWeight.int8(weight, bias);
            case INT4 -> PackedWeight.int4(weight, bias);
            default -> null;
        };
    }
}
