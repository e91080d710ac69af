package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.metric.WeightedScores;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the translation of each sentence: of all second sentences the one of the highest cosine, the first of those that
 * tie. Scores F1, precision and recall, each weighted over the gold partners as MTEB does; recall is the accuracy. There
 * is no training; a baseline may look at all sentences.
 *
 * @param instruction given with every text, or null
 * @param pairs sentences and their translations, at least one; sentences may recur
 */
public record BitextMining(String name, @Nullable String instruction, List<Pair> pairs) implements SentenceTask {

    /** A sentence and its translation. */
    public record Pair(String first, String second) {}

    public BitextMining {
        pairs = List.copyOf(pairs);
        Parts.requireSome(name, "pairs", pairs);
    }

    @Override
    public String mainMetric() {
        return "f1";
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
    public BitextMining withTestTexts(UnaryOperator<String> change) {
        return new BitextMining(
                name,
                instruction,
                pairs.stream()
                        .map(pair -> new Pair(change.apply(pair.first()), pair.second()))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        List<String> first = pairs.stream().map(Pair::first).toList();
        List<String> second = pairs.stream().map(Pair::second).toList();
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        TextFeatures.Fitted features = model.fit(all);
        Rows a = features.rows(instruction, first).normalized();
        Rows b = features.rows(instruction, second).normalized();
        List<Integer> gold = new ArrayList<>();
        List<Integer> predicted = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        double[][] items = new double[pairs.size()][];
        for (int i = 0; i < items.length; i++) {
            int best = 0;
            double bestCosine = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < items.length; j++) {
                double cosine = a.dot(i, b, j);
                if (cosine > bestCosine) {
                    bestCosine = cosine;
                    best = j;
                }
            }
            gold.add(i);
            predicted.add(best);
            items[i] = new double[] {i, best};
            outcomes.add(new Outcome(first.get(i), second.get(i), second.get(best), best == i ? 1 : 0));
        }
        WeightedScores scores = WeightedScores.of(gold, predicted);
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("f1", scores.f1());
        shown.put("precision", scores.precision());
        shown.put("recall", scores.recall());
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        pairs.size(),
                        new Details(outcomes, Map.of(), Map.of()))
                .withEvidence(Statistic.WEIGHTED_F1, items);
    }
}
