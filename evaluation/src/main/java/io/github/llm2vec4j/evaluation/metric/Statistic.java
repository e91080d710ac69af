package io.github.llm2vec4j.evaluation.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a task's main score follows from one row of numbers for each test item, so that the score can be taken again of
 * any resample of the items.
 */
public enum Statistic {
    /** Rows {numerator, denominator}: the sum of the first over the sum of the second; 0 where that is 0. */
    RATIO(true) {
        @Override
        public double of(double[][] items) {
            double numerator = 0;
            double denominator = 0;
            for (double[] item : items) {
                numerator += item[0];
                denominator += item[1];
            }
            return denominator == 0 ? 0 : numerator / denominator;
        }
    },

    /** Rows {gold, predicted} of label numbers from 0: {@link WeightedScores#f1()}. */
    WEIGHTED_F1(true) {
        @Override
        public double of(double[][] items) {
            int labels = 1
                    + (int) Arrays.stream(items)
                            .mapToDouble(item -> Math.max(item[0], item[1]))
                            .max()
                            .orElse(0);
            int[] right = new int[labels];
            int[] gold = new int[labels];
            int[] predicted = new int[labels];
            for (double[] item : items) {
                gold[(int) item[0]]++;
                predicted[(int) item[1]]++;
                right[(int) item[0]] += item[0] == item[1] ? 1 : 0;
            }
            double f1 = 0;
            for (int k = 0; k < labels; k++) {
                f1 += right[k] == 0 ? 0 : 2.0 * gold[k] * right[k] / (gold[k] + predicted[k]) / items.length;
            }
            return f1;
        }
    },

    /**
     * Rows of one or more couples {score, 1 for positive or else 0}: {@link AveragePrecision} of all couples, NaN where
     * none is positive.
     */
    AVERAGE_PRECISION(false) {
        @Override
        public double of(double[][] items) {
            int couples = Arrays.stream(items).mapToInt(item -> item.length / 2).sum();
            double[] scores = new double[couples];
            boolean[] positive = new boolean[couples];
            boolean any = false;
            int n = 0;
            for (double[] item : items) {
                for (int i = 0; i < item.length; i += 2) {
                    scores[n] = item[i];
                    positive[n] = item[i + 1] > 0;
                    any |= positive[n++];
                }
            }
            return any ? AveragePrecision.of(scores, positive) : Double.NaN;
        }
    },

    /** Rows {x, y}: {@link Correlation#spearman}. */
    SPEARMAN(false) {
        @Override
        public double of(double[][] items) {
            return Correlation.spearman(
                    Arrays.stream(items).mapToDouble(item -> item[0]).toArray(),
                    Arrays.stream(items).mapToDouble(item -> item[1]).toArray());
        }
    },

    /** Rows {label number, cluster number of a first run, of a second, ...}: the mean {@link VMeasure} of the runs. */
    V_MEASURE(false) {
        @Override
        public double of(double[][] items) {
            List<Integer> labels = column(items, 0);
            double sum = 0;
            for (int run = 1; run < items[0].length; run++) {
                sum += VMeasure.of(labels, column(items, run)).vMeasure();
            }
            return sum / (items[0].length - 1);
        }
    };

    private final boolean exchangeable;

    Statistic(boolean exchangeable) {
        this.exchangeable = exchangeable;
    }

    /**
     * Whether the row of one model may stand in for that of another model on the same item, as approximate randomisation
     * asks; not so where rows have a scale of the model's own, like a cosine.
     */
    public boolean exchangeable() {
        return exchangeable;
    }

    /** The score over the given rows, at least one; NaN where it is not defined. */
    public abstract double of(double[][] items);

    private static List<Integer> column(double[][] items, int column) {
        List<Integer> values = new ArrayList<>(items.length);
        for (double[] item : items) {
            values.add((int) item[column]);
        }
        return values;
    }
}
