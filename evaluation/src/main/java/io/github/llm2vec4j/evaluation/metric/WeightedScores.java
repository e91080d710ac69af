package io.github.llm2vec4j.evaluation.metric;

import java.util.List;
import java.util.TreeMap;

/**
 * Precision, recall and F1 as means over the gold labels, each label weighted by how often it is gold: scikit-learn's
 * {@code average="weighted", zero_division=0}, with which MTEB scores bitext mining. Recall equals accuracy.
 */
public record WeightedScores(double precision, double recall, double f1) {

    /** Scores predictions against gold labels of the same length. */
    public static <T extends Comparable<T>> WeightedScores of(List<T> gold, List<T> predicted) {
        Checks.sameLength("gold labels", gold.size(), "predicted labels", predicted.size());
        TreeMap<T, int[]> counts = new TreeMap<>(); // label -> {true positives, gold, predicted}
        for (int i = 0; i < gold.size(); i++) {
            counts.computeIfAbsent(gold.get(i), label -> new int[3])[1]++;
            counts.computeIfAbsent(predicted.get(i), label -> new int[3])[2]++;
            if (gold.get(i).equals(predicted.get(i))) {
                counts.computeIfAbsent(gold.get(i), label -> new int[3])[0]++;
            }
        }
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        for (int[] c : counts.values()) {
            double weight = (double) c[1] / gold.size();
            precision += c[2] == 0 ? 0 : weight * c[0] / c[2];
            recall += c[1] == 0 ? 0 : weight * c[0] / c[1];
            f1 += weight * 2 * c[0] / (c[1] + c[2]);
        }
        return new WeightedScores(precision, recall, f1);
    }
}
