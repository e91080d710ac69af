package io.github.llm2vec4j.evaluation.metric;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How well predicted labels match gold labels.
 *
 * @param accuracy fraction of equal labels
 * @param macroF1 unweighted mean of the F1 of every label that occurs in gold or prediction; a label without true
 *     positives counts 0 (scikit-learn's {@code f1_score(average="macro", zero_division=0)})
 * @param confusion gold label, then predicted label, then how often; labels in alphabetical order
 */
public record ClassificationScores(double accuracy, double macroF1, Map<String, Map<String, Integer>> confusion) {

    /**
     * Scores predictions against gold labels of the same length.
     *
     * @throws IllegalArgumentException when the lengths differ or there is nothing to score
     */
    public static ClassificationScores of(List<String> gold, List<String> predicted) {
        Checks.sameLength("gold labels", gold.size(), "predicted labels", predicted.size());
        TreeMap<String, int[]> counts = new TreeMap<>(); // label -> {true positives, gold, predicted}
        TreeMap<String, Map<String, Integer>> confusion = new TreeMap<>();
        int correct = 0;
        for (int i = 0; i < gold.size(); i++) {
            String g = gold.get(i);
            String p = predicted.get(i);
            confusion.computeIfAbsent(g, label -> new TreeMap<>()).merge(p, 1, Integer::sum);
            counts.computeIfAbsent(g, label -> new int[3])[1]++;
            counts.computeIfAbsent(p, label -> new int[3])[2]++;
            if (g.equals(p)) {
                counts.get(g)[0]++;
                correct++;
            }
        }
        double sumF1 = counts.values().stream()
                .mapToDouble(c -> 2.0 * c[0] / (c[1] + c[2]))
                .sum();
        return new ClassificationScores((double) correct / gold.size(), sumF1 / counts.size(), confusion);
    }
}
