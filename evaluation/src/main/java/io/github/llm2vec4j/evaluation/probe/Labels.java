package io.github.llm2vec4j.evaluation.probe;

import java.util.List;
import java.util.TreeSet;

/**
 * Labels as numbers.
 *
 * @param classes the different labels in alphabetical order, at least one
 * @param numbers int[rows], places in {@code classes}
 */
record Labels(List<String> classes, int[] numbers) {
    static Labels of(Rows rows, List<String> labels) {
        if (rows.size() != labels.size() || labels.isEmpty()) {
            throw new IllegalArgumentException("expected one label for each of " + rows.size()
                    + " rows and at least one row, found " + labels.size() + " labels");
        }
        List<String> classes = List.copyOf(new TreeSet<>(labels));
        return new Labels(classes, labels.stream().mapToInt(classes::indexOf).toArray());
    }
}
