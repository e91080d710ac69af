package io.github.llm2vec4j.evaluation.metric;

/**
 * Two models on the same items.
 *
 * @param difference score of the first less that of the second
 * @param interval of the difference, 95 percent, by the paired bootstrap
 * @param p how likely a difference at least as large is by chance, two-sided, in (0, 1]
 */
public record Comparison(double difference, Interval interval, double p) {
    /** The level of {@link #significant()}. */
    public static final double LEVEL = 0.05;

    public boolean significant() {
        return p < LEVEL;
    }
}
