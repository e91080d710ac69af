package io.github.llm2vec4j.evaluation.task;

import java.util.Collection;

/** Checks of the parts of a task. */
final class Parts {
    private Parts() {}

    static void requireSome(String task, String part, Collection<?> items) {
        if (items.isEmpty()) {
            throw new IllegalArgumentException(
                    "task " + task + ": expected at least one item in " + part + ", found 0");
        }
    }
}
