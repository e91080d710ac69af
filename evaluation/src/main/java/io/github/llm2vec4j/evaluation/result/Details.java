package io.github.llm2vec4j.evaluation.result;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What lies behind the scores of a task.
 *
 * @param outcomes one for each test item, in the order of the test part; for word tasks one for each word
 * @param confusion gold label, then predicted label, then how often; empty where the task has no labels
 * @param notes how the figures came about (the C chosen, the size of the corpus), name to value
 */
public record Details(List<Outcome> outcomes, Map<String, Map<String, Integer>> confusion, Map<String, String> notes) {
    public Details {
        outcomes = List.copyOf(outcomes);
        confusion = new TreeMap<>(confusion);
        notes = new LinkedHashMap<>(notes);
    }

    /** The worst outcomes below a full score, at most {@code limit}, worst first and else in test order. */
    public List<Outcome> errors(int limit) {
        return outcomes.stream()
                .filter(outcome -> outcome.score() < 1)
                .sorted(Comparator.comparingDouble(Outcome::score))
                .limit(limit)
                .toList();
    }
}
