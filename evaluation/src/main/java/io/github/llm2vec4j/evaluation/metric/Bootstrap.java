package io.github.llm2vec4j.evaluation.metric;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What chance does to a score: confidence intervals by resampling test items with replacement, and paired tests of two
 * models on the same items. Both depend on the rows and the seed alone. Intervals are percentiles of the resamples' scores,
 * shifted so that their mean is the score itself: a resample holds fewer different items, which alone moves scores that
 * are not means (a v-measure goes up).
 */
public final class Bootstrap {
    private static final double LEVEL = 0.95;

    private final int resamples;
    private final long seed;

    /** 1,000 resamples, which is what all reports use. */
    public static final Bootstrap STANDARD = new Bootstrap(1000, 42);

    public Bootstrap(int resamples, long seed) {
        if (resamples < 20) {
            throw new IllegalArgumentException("expected at least 20 resamples, found " + resamples);
        }
        this.resamples = resamples;
        this.seed = seed;
    }

    /** The 95 percent interval of a score; NaN at both ends when no resample has a score. */
    public Interval interval(Statistic statistic, double[][] items) {
        requireItems(items);
        SplittableRandom random = new SplittableRandom(seed);
        double[] scores = new double[resamples];
        double[][] drawn = new double[items.length][];
        for (int r = 0; r < resamples; r++) {
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = items[random.nextInt(items.length)];
            }
            scores[r] = statistic.of(drawn);
        }
        return percentiles(scores, statistic.of(items));
    }

    /**
     * Compares two models, item i of the one with item i of the other. The p-value is that of approximate randomisation
     * where the rows are {@linkplain Statistic#exchangeable() exchangeable}, else that of the paired bootstrap; both
     * count the observed difference as one of the draws, so it is never 0.
     */
    public Comparison compare(Statistic statistic, double[][] first, double[][] second) {
        requireItems(first);
        Checks.sameLength("items of the first model", first.length, "items of the second model", second.length);
        double difference = statistic.of(first) - statistic.of(second);
        SplittableRandom random = new SplittableRandom(seed);
        double[] differences = new double[resamples];
        double[][] a = new double[first.length][];
        double[][] b = new double[first.length][];
        int below = 0;
        int above = 0;
        for (int r = 0; r < resamples; r++) {
            for (int i = 0; i < a.length; i++) {
                int item = random.nextInt(a.length);
                a[i] = first[item];
                b[i] = second[item];
            }
            differences[r] = statistic.of(a) - statistic.of(b);
        }
        double shift = shift(differences, difference);
        for (double drawn : differences) {
            below += drawn + shift <= 0 ? 1 : 0;
            above += drawn + shift >= 0 ? 1 : 0;
        }
        double p = statistic.exchangeable()
                ? randomisation(statistic, first, second, Math.abs(difference))
                : Math.min(1, 2.0 * (Math.min(below, above) + 1) / (resamples + 1));
        return new Comparison(difference, percentiles(differences, difference), p);
    }

    private double randomisation(Statistic statistic, double[][] first, double[][] second, double observed) {
        SplittableRandom random = new SplittableRandom(seed + 1);
        double[][] a = new double[first.length][];
        double[][] b = new double[first.length][];
        int asLarge = 0;
        for (int r = 0; r < resamples; r++) {
            for (int i = 0; i < a.length; i++) {
                boolean swap = random.nextBoolean();
                a[i] = swap ? second[i] : first[i];
                b[i] = swap ? first[i] : second[i];
            }
            asLarge += Math.abs(statistic.of(a) - statistic.of(b)) >= observed - 1e-12 ? 1 : 0;
        }
        return (asLarge + 1.0) / (resamples + 1);
    }

    /** What brings the mean of the drawn scores to the observed one. */
    private static double shift(double[] drawn, double observed) {
        double mean = Arrays.stream(drawn).filter(Double::isFinite).average().orElse(Double.NaN);
        return Math.abs(observed - mean) < 1e-12 ? 0 : observed - mean;
    }

    private static Interval percentiles(double[] scores, double observed) {
        double[] sorted =
                Arrays.stream(scores).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        double shift = shift(scores, observed);
        return new Interval(percentile(sorted, (1 - LEVEL) / 2) + shift, percentile(sorted, (1 + LEVEL) / 2) + shift);
    }

    /** With linear interpolation, as numpy's default. */
    private static double percentile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int low = (int) position;
        int high = Math.min(low + 1, sorted.length - 1);
        return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
    }

    private static void requireItems(double[][] items) {
        if (items.length == 0) {
            throw new IllegalArgumentException("expected at least one test item, found none");
        }
    }
}
