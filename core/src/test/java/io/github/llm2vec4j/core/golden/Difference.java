package io.github.llm2vec4j.core.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** How far results are from what is expected. */
public final class Difference {
    private Difference() {}

    /** The largest absolute difference; NaN and infinities never pass as near. */
    public static double max(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double max = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            max = difference <= max ? max : Double.isFinite(difference) ? difference : Double.POSITIVE_INFINITY;
        }
        return max;
    }

    /** The largest absolute value. */
    public static double largest(float[] values) {
        return max(values, new float[values.length]);
    }

    /** Fails unless every value is within the tolerance. */
    public static void assertWithin(double tolerance, float[] actual, float[] expected, String what) {
        assertThat(max(actual, expected)).as("largest difference of %s", what).isLessThanOrEqualTo(tolerance);
    }

    /** Fails unless every value is within the tolerance times the largest expected value. */
    public static void assertWithinRelative(double tolerance, float[] actual, float[] expected, String what) {
        assertThat(max(actual, expected) / Math.max(largest(expected), 1e-30))
                .as("largest difference of %s, in parts of its largest value", what)
                .isLessThanOrEqualTo(tolerance);
    }

    /** The cosine of two vectors. */
    public static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    /** The absolute differences in rising order. */
    public static double[] sorted(float[] actual, float[] expected) {
        double[] differences = new double[actual.length];
        Arrays.setAll(differences, i -> Math.abs((double) actual[i] - expected[i]));
        Arrays.sort(differences);
        return differences;
    }
}
