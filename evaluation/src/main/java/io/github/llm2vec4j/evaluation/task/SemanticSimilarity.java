package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.Correlation;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Semantic textual similarity: correlates the cosine of two texts with the similarity people gave them; scores Spearman
 * and Pearson. There is no training.
 *
 * @param instruction given with every text, or null
 * @param fitTexts unlabelled texts from outside the test part, for a baseline to learn word weights
 * @param pairs at least two
 */
public record SemanticSimilarity(String name, @Nullable String instruction, List<String> fitTexts, List<Scored> pairs)
        implements SentenceTask {

    /** Two texts and their similarity on any scale, higher for more similar. */
    public record Scored(String first, String second, double similarity) {}

    public SemanticSimilarity {
        fitTexts = List.copyOf(fitTexts);
        pairs = List.copyOf(pairs);
        if (pairs.size() < 2) {
            throw new IllegalArgumentException("task " + name + ": expected at least 2 pairs, found " + pairs.size());
        }
    }

    @Override
    public String mainMetric() {
        return "cosine_spearman";
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
    public SemanticSimilarity withTestTexts(UnaryOperator<String> change) {
        return new SemanticSimilarity(
                name,
                instruction,
                fitTexts,
                pairs.stream()
                        .map(pair ->
                                new Scored(change.apply(pair.first()), change.apply(pair.second()), pair.similarity()))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        double[] cosines = Cosines.of(
                model.fit(fitTexts),
                instruction,
                pairs.stream().map(Scored::first).toList(),
                pairs.stream().map(Scored::second).toList());
        double[] gold = pairs.stream().mapToDouble(Scored::similarity).toArray();
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("cosine_spearman", Correlation.spearman(cosines, gold));
        shown.put("cosine_pearson", Correlation.pearson(cosines, gold));
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        pairs.size(),
                        new Details(List.of(), Map.of(), Map.of()))
                .withEvidence(
                        Statistic.SPEARMAN,
                        IntStream.range(0, gold.length)
                                .mapToObj(i -> new double[] {cosines[i], gold[i]})
                                .toArray(double[][]::new));
    }
}
