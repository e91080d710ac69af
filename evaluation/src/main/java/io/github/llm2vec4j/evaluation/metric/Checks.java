package io.github.llm2vec4j.evaluation.metric;

/** Argument checks shared by the metrics. */
final class Checks {
    private Checks() {}

    static void sameLength(String first, int firstLength, String second, int secondLength) {
        if (firstLength != secondLength) {
            throw new IllegalArgumentException(
                    "expected as many " + second + " as " + first + " (" + firstLength + "), found " + secondLength);
        }
        if (firstLength == 0) {
            throw new IllegalArgumentException("expected at least one of " + first + ", found none");
        }
    }
}
