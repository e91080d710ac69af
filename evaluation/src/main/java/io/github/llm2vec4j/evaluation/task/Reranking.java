package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.AveragePrecision;
import io.github.llm2vec4j.evaluation.metric.Ranking;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the candidates of each query in order by cosine; scores the mean average precision (MAP) and MRR over the queries.
 * There is no training; a baseline may look at the candidates.
 *
 * @param instruction given with the queries only, or null
 * @param queries at least one
 */
public record Reranking(String name, @Nullable String instruction, List<Query> queries) implements SentenceTask {

    /**
     * A query and its candidates.
     *
     * @param candidates at least one
     * @param relevant places in the candidates, at least one
     */
    public record Query(String text, List<String> candidates, Set<Integer> relevant) {
        public Query {
            candidates = List.copyOf(candidates);
            relevant = Collections.unmodifiableSortedSet(new TreeSet<>(relevant)); // the same order in every run
            for (int place : relevant) {
                if (place < 0 || place >= candidates.size()) {
                    throw new IllegalArgumentException(
                            "query " + text + ": expected a candidate below " + candidates.size() + ", found " + place);
                }
            }
        }
    }

    public Reranking {
        queries = List.copyOf(queries);
        Parts.requireSome(name, "queries", queries);
        for (Query query : queries) {
            Parts.requireSome(name, "the relevant candidates of " + query.text(), query.relevant());
        }
    }

    @Override
    public String mainMetric() {
        return "map";
    }

    @Override
    public int trainSize() {
        return 0;
    }

    @Override
    public int testSize() {
        return queries.size();
    }

    @Override
    public List<String> trainTexts() {
        return List.of();
    }

    @Override
    public List<String> testTexts() {
        return queries.stream()
                .flatMap(q -> Stream.concat(Stream.of(q.text()), q.candidates().stream()))
                .distinct()
                .toList();
    }

    @Override
    public Reranking withTestTexts(UnaryOperator<String> change) {
        return new Reranking(
                name,
                instruction,
                queries.stream()
                        .map(query -> new Query(change.apply(query.text()), query.candidates(), query.relevant()))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        Map<String, Integer> places = new LinkedHashMap<>(); // each candidate once
        queries.forEach(q -> q.candidates().forEach(c -> places.putIfAbsent(c, places.size())));
        List<String> candidates = List.copyOf(places.keySet());
        TextFeatures.Fitted features = model.fit(candidates);
        Rows documents = features.rows(null, candidates).normalized();
        Rows questions = features.rows(
                        instruction, queries.stream().map(Query::text).toList())
                .normalized();
        double map = 0;
        double mrr = 0;
        List<Outcome> outcomes = new ArrayList<>();
        double[][] items = new double[queries.size()][];
        for (int q = 0; q < items.length; q++) {
            Query query = queries.get(q);
            double[] scores = new double[query.candidates().size()];
            boolean[] positive = new boolean[scores.length];
            for (int c = 0; c < scores.length; c++) {
                int document = places.getOrDefault(query.candidates().get(c), 0);
                scores[c] = questions.dot(q, documents, document);
                positive[c] = query.relevant().contains(c);
            }
            int[] ranking = Ranking.byScore(scores);
            double precision = AveragePrecision.of(scores, positive);
            items[q] = new double[] {precision, 1};
            map += precision / items.length;
            mrr += Ranking.reciprocalRank(ranking, query.relevant()) / items.length;
            int expected = query.relevant().stream().sorted().findFirst().orElseThrow();
            outcomes.add(new Outcome(
                    query.text(),
                    query.candidates().get(expected),
                    query.candidates().get(ranking[0]),
                    Math.min(1, precision)));
        }
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("map", map);
        shown.put("mrr", mrr);
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        queries.size(),
                        new Details(outcomes, Map.of(), Map.of("candidates", Integer.toString(candidates.size()))))
                .withEvidence(Statistic.RATIO, items);
    }
}
