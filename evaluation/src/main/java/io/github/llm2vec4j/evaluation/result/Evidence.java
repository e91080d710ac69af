package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.github.llm2vec4j.evaluation.metric.Bootstrap;
import io.github.llm2vec4j.evaluation.metric.Comparison;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a main score was taken of, so that chance can be told from difference.
 *
 * @param statistic how the score follows from the items
 * @param items double[items][], one row a test item that is independent of the others (a sentence of a word task), in the
 *     order of the test part
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Evidence(Statistic statistic, double[][] items) {

    /** The score over all items. */
    public double score() {
        return statistic.of(items);
    }

    /** The 95 percent interval of the score; by {@link Bootstrap#STANDARD}, so always the same. */
    public Interval interval() {
        return Bootstrap.STANDARD.interval(statistic, items);
    }

    /** This model against another on the same items, or null when the items are not the same number or kind. */
    public @Nullable Comparison against(Evidence other) {
        return statistic == other.statistic && items.length == other.items.length
                ? Bootstrap.STANDARD.compare(statistic, items, other.items)
                : null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Evidence evidence
                && statistic == evidence.statistic
                && Arrays.deepEquals(items, evidence.items);
    }

    @Override
    public int hashCode() {
        return 31 * statistic.hashCode() + Arrays.deepHashCode(items);
    }

    @Override
    public String toString() {
        return "Evidence[" + statistic + ", " + items.length + " items]";
    }
}
