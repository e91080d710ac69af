package io.github.llm2vec4j.evaluation.metric;

/** A confidence interval, both ends included. */
public record Interval(double low, double high) {
    /** Half of its width. */
    public double halfWidth() {
        return (high - low) / 2;
    }

    public boolean contains(double value) {
        return value >= low && value <= high;
    }
}
