package io.github.llm2vec4j.core.encoder;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** In what form vectors are kept; the names and values are those of sentence-transformers. */
public enum Precision {
    FLOAT32,
    /** 256 levels between the least and the largest value of each dimension, from -128. */
    INT8,
    /** The same levels from 0. */
    UINT8,
    /** A bit for each dimension, set above 0, eight in a byte, the first the highest; as signed bytes from -128. */
    BINARY,
    /** The same bits as unsigned bytes. */
    UBINARY;

    /**
     * The precision of a name such as {@code ubinary}.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static Precision of(String name) {
        return Arrays.stream(values())
                .filter(precision -> precision.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("precision '" + name + "' is not supported: expected "
                        + Arrays.stream(values()).map(Precision::toString).collect(Collectors.joining(", "))));
    }

    /** Whether levels are set by the range of each dimension, which depends on the vectors at hand. */
    public boolean isCalibrated() {
        return this == INT8 || this == UINT8;
    }

    /** Whether bytes count from 0. */
    public boolean isUnsigned() {
        return this == UINT8 || this == UBINARY;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
