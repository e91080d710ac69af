package io.github.llm2vec4j.evaluation.suite;

/**
 * A task, or a part of its data, that is not there.
 *
 * @param name the task's name
 * @param reason the file that is missing, or what it lacks
 */
public record Skipped(String name, String reason) {
    @Override
    public String toString() {
        return name + " skipped: " + reason;
    }
}
