package io.github.llm2vec4j.evaluation.result;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All results of one model.
 *
 * @param model the name of the row in tables
 * @param results at most one a task, in the order of the suite
 */
public record ModelResult(String model, List<TaskResult> results) {
    public ModelResult {
        results = List.copyOf(results);
        Set<String> tasks = new HashSet<>();
        for (TaskResult result : results) {
            if (!tasks.add(result.task())) {
                throw new IllegalArgumentException(
                        "model " + model + ": expected one result a task, found two for " + result.task());
            }
        }
    }
}
