package io.github.llm2vec4j.evaluation.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scores taken with several seeds. */
final class Runs {
    private Runs() {}

    /** Metric to the mean of its values, in the same order. */
    static Map<String, Double> means(Map<String, List<Double>> runs) {
        Map<String, Double> means = new LinkedHashMap<>();
        runs.forEach((metric, values) -> means.put(
                metric,
                values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN)));
        return means;
    }
}
