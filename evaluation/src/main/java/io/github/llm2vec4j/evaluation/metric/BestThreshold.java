package io.github.llm2vec4j.evaluation.metric;

/**
 * The accuracy and the F1 of the best threshold on a score, as MTEB gives them for pair classification: pairs in falling
 * order of score, equal scores in the given order, the first k called positive, for k from 1 to one less than all.
 *
 * @param accuracy the highest over all k
 * @param f1 the highest over all k, of the positive label
 */
public record BestThreshold(double accuracy, double f1) {

    /** Scores double[n], higher means more likely positive, with their labels; at least two. */
    public static BestThreshold of(double[] scores, boolean[] positive) {
        Checks.sameLength("scores", scores.length, "labels", positive.length);
        int[] order = Ranking.byScore(scores);
        int positives = 0;
        for (boolean p : positive) {
            positives += p ? 1 : 0;
        }
        double accuracy = 0;
        double f1 = 0;
        int found = 0;
        for (int k = 1; k < order.length; k++) {
            found += positive[order[k - 1]] ? 1 : 0;
            int negativesBelow = order.length - k - (positives - found);
            accuracy = Math.max(accuracy, (double) (found + negativesBelow) / order.length);
            f1 = Math.max(f1, positives == 0 ? 0 : 2.0 * found / (k + positives));
        }
        return new BestThreshold(accuracy, f1);
    }
}
