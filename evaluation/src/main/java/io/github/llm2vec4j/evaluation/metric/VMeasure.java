package io.github.llm2vec4j.evaluation.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How well clusters match classes, equal to scikit-learn's {@code homogeneity_completeness_v_measure}.
 *
 * @param homogeneity 1 where each cluster holds one class alone
 * @param completeness 1 where each class is in one cluster alone
 * @param vMeasure the harmonic mean of both, 0 where both are 0
 */
public record VMeasure(double homogeneity, double completeness, double vMeasure) {

    /** Scores the cluster of each item against its class; any values that can be told apart. */
    public static VMeasure of(List<?> classes, List<?> clusters) {
        Checks.sameLength("classes", classes.size(), "clusters", clusters.size());
        int n = classes.size();
        Map<Object, Integer> ofClass = new HashMap<>();
        Map<Object, Integer> ofCluster = new HashMap<>();
        Map<List<Object>, Integer> ofBoth = new HashMap<>();
        for (int i = 0; i < n; i++) {
            ofClass.merge(classes.get(i), 1, Integer::sum);
            ofCluster.merge(clusters.get(i), 1, Integer::sum);
            ofBoth.merge(List.of(classes.get(i), clusters.get(i)), 1, Integer::sum);
        }
        double classEntropy = entropy(ofClass, n);
        double clusterEntropy = entropy(ofCluster, n);
        double shared = Math.max(0, classEntropy + clusterEntropy - entropy(ofBoth, n));
        double homogeneity = classEntropy == 0 ? 1 : Math.min(1, shared / classEntropy);
        double completeness = clusterEntropy == 0 ? 1 : Math.min(1, shared / clusterEntropy);
        double sum = homogeneity + completeness;
        return new VMeasure(homogeneity, completeness, sum == 0 ? 0 : 2 * homogeneity * completeness / sum);
    }

    private static double entropy(Map<?, Integer> counts, int n) {
        return counts.values().stream()
                .mapToDouble(count -> -(double) count / n * Math.log((double) count / n))
                .sum();
    }
}
