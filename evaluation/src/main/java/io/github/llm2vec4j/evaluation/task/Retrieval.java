package io.github.llm2vec4j.evaluation.task;

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
 * Finds the passage that answers a question by cosine over the whole corpus; scores nDCG@10, MRR and MAP (whole
 * ranking) and recall@10, means over the questions. Passages of equal score rank in corpus order. There is no training; a baseline
 * may look at the corpus.
 *
 * @param instruction given with the questions only, or null
 * @param queries the questions, at least one
 * @param corpus the passages; equal ones are different passages
 */
public record Retrieval(String name, @Nullable String instruction, List<Query> queries, List<String> corpus)
        implements SentenceTask {
    private static final int K = 10;

    /**
     * A question and what answers it.
     *
     * @param relevant numbers of passages in the corpus, at least one
     */
    public record Query(String text, Set<Integer> relevant) {
        public Query {
            relevant = Collections.unmodifiableSortedSet(new TreeSet<>(relevant)); // the same order in every run
        }
    }

    public Retrieval {
        queries = List.copyOf(queries);
        corpus = List.copyOf(corpus);
        Parts.requireSome(name, "queries", queries);
        for (Query query : queries) {
            Parts.requireSome(name, "the passages that answer " + query.text(), query.relevant());
            for (int passage : query.relevant()) {
                if (passage < 0 || passage >= corpus.size()) {
                    throw new IllegalArgumentException("task " + name + ", query " + query.text()
                            + ": expected a passage below " + corpus.size() + ", found " + passage);
                }
            }
        }
    }

    @Override
    public String mainMetric() {
        return "ndcg_at_10";
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
        return Stream.concat(queries.stream().map(Query::text), corpus.stream()).toList();
    }

    /** The questions and what answers them; other passages may be those of training. */
    @Override
    public List<String> heldOutTexts() {
        return queries.stream()
                .flatMap(query -> Stream.concat(
                        Stream.of(query.text()), query.relevant().stream().map(corpus::get)))
                .distinct()
                .toList();
    }

    @Override
    public Retrieval withTestTexts(UnaryOperator<String> change) {
        return new Retrieval(
                name,
                instruction,
                queries.stream()
                        .map(query -> new Query(change.apply(query.text()), query.relevant()))
                        .toList(),
                corpus);
    }

    @Override
    public TaskResult run(TextFeatures model) {
        TextFeatures.Fitted features = model.fit(corpus);
        Rows passages = features.rows(null, corpus).normalized();
        Rows questions = features.rows(
                        instruction, queries.stream().map(Query::text).toList())
                .normalized();
        double ndcg = 0;
        double mrr = 0;
        double recall = 0;
        double map = 0;
        double[][] items = new double[queries.size()][];
        List<Outcome> outcomes = new ArrayList<>();
        for (int q = 0; q < queries.size(); q++) {
            Query query = queries.get(q);
            double[] scores = new double[corpus.size()];
            for (int p = 0; p < scores.length; p++) {
                scores[p] = questions.dot(q, passages, p);
            }
            int[] ranking = Ranking.byScore(scores);
            double gain = Ranking.ndcg(ranking, query.relevant(), K);
            items[q] = new double[] {gain, 1};
            ndcg += gain / queries.size();
            map += Ranking.averagePrecision(ranking, query.relevant()) / queries.size();
            mrr += Ranking.reciprocalRank(ranking, query.relevant()) / queries.size();
            recall += Ranking.recall(ranking, query.relevant(), K) / queries.size();
            String expected =
                    corpus.get(query.relevant().stream().sorted().findFirst().orElseThrow());
            outcomes.add(new Outcome(query.text(), expected, corpus.get(ranking[0]), Math.min(1, gain)));
        }
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("ndcg_at_10", ndcg);
        shown.put("mrr", mrr);
        shown.put("recall_at_10", recall);
        shown.put("map", map);
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        queries.size(),
                        new Details(outcomes, Map.of(), Map.of("corpus", Integer.toString(corpus.size()))))
                .withEvidence(Statistic.RATIO, items);
    }
}
