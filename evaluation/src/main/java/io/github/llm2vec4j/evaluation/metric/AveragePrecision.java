package io.github.llm2vec4j.evaluation.metric;

import java.util.Arrays;

/** Area under the precision-recall curve as a step function, as scikit-learn's {@code average_precision_score}. */
public final class AveragePrecision {
    private AveragePrecision() {}

    /**
     * The sum over falling thresholds of (recall gained) x precision; equal scores share one threshold, so their order
     * does not matter.
     *
     * @param scores double[n], none NaN, higher means more likely positive
     * @param positive boolean[n], at least one true
     */
    public static double of(double[] scores, boolean[] positive) {
        Checks.sameLength("scores", scores.length, "labels", positive.length);
        for (double score : scores) {
            if (Double.isNaN(score)) {
                throw new IllegalArgumentException("expected scores that are numbers, found NaN");
            }
        }
        int total = 0;
        for (boolean p : positive) {
            total += p ? 1 : 0;
        }
        if (total == 0) {
            throw new IllegalArgumentException("expected at least one positive pair, found none of " + scores.length);
        }
        double[] all = scores.clone();
        double[] positives = new double[total];
        int n = 0;
        for (int i = 0; i < scores.length; i++) {
            if (positive[i]) {
                positives[n++] = scores[i];
            }
        }
        Arrays.sort(all);
        Arrays.sort(positives);
        double sum = 0;
        int found = 0;
        int taken = 0;
        while (found < total) {
            double threshold = positives[total - 1 - found];
            int foundBefore = found;
            while (found < total && positives[total - 1 - found] >= threshold) {
                found++;
            }
            while (taken < all.length && all[all.length - 1 - taken] >= threshold) {
                taken++;
            }
            sum += (double) (found - foundBefore) / total * found / taken;
        }
        return sum;
    }
}
