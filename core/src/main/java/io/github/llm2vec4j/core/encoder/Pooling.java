package io.github.llm2vec4j.core.encoder;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How the states of a text's tokens become one vector: as a weighted sum, whose weights each mode but {@link #MAX}
 * chooses.
 */
public enum Pooling {
    /** The mean of the text's tokens. */
    MEAN,
    /** The mean with weights 1, 2, …, n (Muennighoff 2022). */
    WEIGHTED_MEAN,
    /** The last token, which {@code eos_token} models close with their end token. */
    EOS_TOKEN,
    /** The last token as it is. */
    LAST_TOKEN,
    /** The token that begins the sequence. */
    BOS_TOKEN,
    /** The largest value of each dimension over the text's tokens; the reference has no such mode. */
    MAX;

    /**
     * The mode of a name such as {@code weighted_mean}.
     *
     * @throws IllegalArgumentException naming the modes there are
     */
    public static Pooling of(String name) {
        return Arrays.stream(values())
                .filter(mode -> mode.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("pooling '" + name + "' is not supported: expected "
                        + Arrays.stream(values()).map(Pooling::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The weight of each token of a text; they add up to 1.
     *
     * @throws IllegalStateException for {@link #MAX}, which has none
     */
    public float[] weights(PreparedText text) {
        int length = text.ids().length;
        float[] weights = new float[length];
        int from = text.poolFrom();
        int count = text.poolTo() - from;
        switch (this) {
            case MEAN -> Arrays.fill(weights, from, from + count, 1f / count);
            case WEIGHTED_MEAN -> {
                double sum = count * (count + 1.0) / 2;
                for (int i = 0; i < count; i++) {
                    weights[from + i] = (float) ((i + 1) / sum);
                }
            }
            case EOS_TOKEN, LAST_TOKEN -> weights[length - 1] = 1;
            case BOS_TOKEN -> weights[0] = 1;
            case MAX -> throw new IllegalStateException("pooling max has no weights");
        }
        return weights;
    }
}
