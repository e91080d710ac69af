package io.github.llm2vec4j.evaluation.metric;

import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/** Correlation of two series of at least two values each; NaN when one of them is constant. */
public final class Correlation {
    private Correlation() {}

    /** Pearson's product-moment correlation, in [-1, 1]. */
    public static double pearson(double[] x, double[] y) {
        Checks.sameLength("x values", x.length, "y values", y.length);
        return new PearsonsCorrelation().correlation(x, y);
    }

    /** Spearman's rank correlation, in [-1, 1]; equal values get the mean of their ranks. */
    public static double spearman(double[] x, double[] y) {
        Checks.sameLength("x values", x.length, "y values", y.length);
        return new SpearmansCorrelation().correlation(x, y);
    }
}
