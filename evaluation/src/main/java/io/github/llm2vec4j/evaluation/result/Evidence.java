package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.llm2vec4j.evaluation.metric.Bootstrap;
import io.github.llm2vec4j.evaluation.metric.Comparison;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a main score was taken of, so that chance can be told from difference. Intervals and comparisons are by {@link
 * Bootstrap#STANDARD}, so always the same; they are computed when first asked for and kept.
 */
public final class Evidence {
    private final Statistic statistic;
    private final double[][] items;
    private final Map<Evidence, Comparison> comparisons = new WeakHashMap<>();
    private @Nullable Interval interval;

    /**
     * @param statistic how the score follows from the items
     * @param items double[items][], one row a test item that is independent of the others (a sentence of a word task), in
     *     the order of the test part
     */
    @JsonCreator
    public Evidence(@JsonProperty("statistic") Statistic statistic, @JsonProperty("items") double[][] items) {
        this.statistic = statistic;
        this.items = items;
    }

    @JsonProperty
    public Statistic statistic() {
        return statistic;
    }

    @JsonProperty
    public double[][] items() {
        return items;
    }

    /** The score over all items. */
    public double score() {
        return statistic.of(items);
    }

    /** The 95 percent interval of the score. */
    public synchronized Interval interval() {
        Interval known = interval;
        if (known == null) {
            known = Bootstrap.STANDARD.interval(statistic, items);
            interval = known;
        }
        return known;
    }

    /** This model against another on the same items, or null when the items are not of the same number and kind. */
    public synchronized @Nullable Comparison against(Evidence other) {
        return statistic == other.statistic && items.length == other.items.length
                ? comparisons.computeIfAbsent(other, o -> Bootstrap.STANDARD.compare(statistic, items, o.items))
                : null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Evidence evidence
                        && statistic == evidence.statistic
                        && Arrays.deepEquals(items, evidence.items);
    }

    @Override
    public int hashCode() {
        return 31 * statistic.hashCode() + items.length;
    }

    @Override
    public String toString() {
        return "Evidence[" + statistic + ", " + items.length + " items]";
    }
}
