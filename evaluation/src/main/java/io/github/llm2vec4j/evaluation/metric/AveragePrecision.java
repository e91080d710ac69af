package io.github.llm2vec4j.evaluation.metric;

/** Area under the precision-recall curve as a step function, as scikit-learn's {@code average_precision_score}. */
public final class AveragePrecision {
    private AveragePrecision() {}

    /**
     * The sum over falling thresholds of (recall gained) x precision; equal scores share one threshold, so their order
     * does not matter.
     *
     * @param scores double[n], higher means more likely positive
     * @param positive boolean[n], at least one true
     */
    public static double of(double[] scores, boolean[] positive) {
        Checks.sameLength("scores", scores.length, "labels", positive.length);
        int[] order = Ranking.byScore(scores);
        int total = 0;
        for (boolean p : positive) {
            total += p ? 1 : 0;
        }
        if (total == 0) {
            throw new IllegalArgumentException("expected at least one positive pair, found none of " + scores.length);
        }
        double sum = 0;
        int found = 0;
        int foundBefore = 0;
        for (int i = 0; i < order.length; i++) {
            found += positive[order[i]] ? 1 : 0;
            boolean thresholdEnds = i + 1 == order.length || scores[order[i]] != scores[order[i + 1]];
            if (thresholdEnds) {
                sum += (double) (found - foundBefore) / total * found / (i + 1);
                foundBefore = found;
            }
        }
        return sum;
    }
}
