package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.AveragePrecision;
import io.github.llm2vec4j.evaluation.metric.BestThreshold;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells pairs that belong together from pairs that do not by the cosine alone; scores the average precision of the
 * positive pairs, and the accuracy and F1 of the best threshold on the test part, as MTEB does. There is no training.
 *
 * @param instruction given with every text, or null
 * @param fitTexts unlabelled texts from outside the test part, for a baseline to learn word weights
 * @param pairs the test part: at least one positive and one negative pair
 */
public record PairClassification(String name, @Nullable String instruction, List<String> fitTexts, List<Pair> pairs)
        implements SentenceTask {

    /** Two texts and whether they belong together. */
    public record Pair(String first, String second, boolean positive) {}

    public PairClassification {
        fitTexts = List.copyOf(fitTexts);
        pairs = List.copyOf(pairs);
        Parts.requireSome(
                name, "positive pairs", pairs.stream().filter(Pair::positive).toList());
        Parts.requireSome(
                name,
                "negative pairs",
                pairs.stream().filter(p -> !p.positive()).toList());
    }

    @Override
    public String mainMetric() {
        return "average_precision";
    }

    @Override
    public int trainSize() {
        return 0;
    }

    @Override
    public int testSize() {
        return pairs.size();
    }

    @Override
    public List<String> trainTexts() {
        return List.of();
    }

    @Override
    public List<String> testTexts() {
        return pairs.stream().flatMap(p -> Stream.of(p.first(), p.second())).toList();
    }

    @Override
    public PairClassification withTestTexts(UnaryOperator<String> change) {
        return new PairClassification(
                name,
                instruction,
                fitTexts,
                pairs.stream()
                        .map(pair -> new Pair(change.apply(pair.first()), change.apply(pair.second()), pair.positive()))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        double[] cosines = Cosines.of(
                model.fit(fitTexts),
                instruction,
                pairs.stream().map(Pair::first).toList(),
                pairs.stream().map(Pair::second).toList());
        boolean[] positive = new boolean[pairs.size()];
        List<Outcome> outcomes = new ArrayList<>();
        double[][] items = new double[positive.length][];
        double middle = median(cosines);
        for (int i = 0; i < positive.length; i++) {
            Pair pair = pairs.get(i);
            positive[i] = pair.positive();
            items[i] = new double[] {cosines[i], pair.positive() ? 1 : 0};
            outcomes.add(Outcome.of(
                    pair.first() + " ‖ " + pair.second(), label(pair.positive()), label(cosines[i] > middle)));
        }
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("average_precision", AveragePrecision.of(cosines, positive));
        BestThreshold best = BestThreshold.of(cosines, positive);
        shown.put("best_accuracy", best.accuracy());
        shown.put("best_f1", best.f1());
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("outcomes", "predicted positive above the median cosine; no score uses this threshold");
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        pairs.size(),
                        new Details(outcomes, Map.of(), notes))
                .withEvidence(Statistic.AVERAGE_PRECISION, items);
    }

    private static String label(boolean positive) {
        return positive ? "positive" : "negative";
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
