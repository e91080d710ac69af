package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Cosines of texts taken pairwise. */
final class Cosines {
    private Cosines() {}

    /** double[n]: the cosine of the i-th first with the i-th second text; 0 where one of them is all zeros. */
    static double[] of(
            TextFeatures.Fitted features, @Nullable String instruction, List<String> first, List<String> second) {
        Rows a = features.rows(instruction, first).normalized();
        Rows b = features.rows(instruction, second).normalized();
        return IntStream.range(0, a.size()).mapToDouble(i -> a.dot(i, b, i)).toArray();
    }
}
