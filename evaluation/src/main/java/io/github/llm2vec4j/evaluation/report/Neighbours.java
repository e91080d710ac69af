package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The nearest sentences of a few sentences.
 *
 * @param models the models' names, in the order to show
 * @param queries the sentences asked for
 */
public record Neighbours(List<String> models, List<Query> queries) {

    /**
     * A sentence and what lies near it.
     *
     * @param hits for each model the nearest first
     */
    public record Query(Example example, List<List<Hit>> hits) {
        public Query {
            hits = hits.stream().map(List::copyOf).toList();
        }
    }

    /** A near sentence. */
    public record Hit(Example example, double cosine) {}

    public Neighbours {
        models = List.copyOf(models);
        queries = List.copyOf(queries);
        for (Query query : queries) {
            if (query.hits().size() != models.size()) {
                throw new IllegalArgumentException(
                        "neighbours of '" + query.example().text() + "': expected hits for " + models.size()
                                + " models, found " + query.hits().size());
            }
        }
    }

    /**
     * Finds them by cosine among the same sentences; equal cosines come in the order of the sentences, and a sentence of
     * the same text as the query is left out.
     *
     * @param queries indices into {@code examples}
     * @param embeddings model to (examples, dimensions), in the order to show
     * @param k how many a model
     */
    public static Neighbours of(
            List<Example> examples, List<Integer> queries, Map<String, float[][]> embeddings, int k) {
        List<List<List<Hit>>> byQuery = new ArrayList<>();
        queries.forEach(query -> byQuery.add(new ArrayList<>()));
        embeddings.forEach((model, vectors) -> {
            if (vectors.length != examples.size()) {
                throw new IllegalArgumentException("neighbours by " + model + ": expected " + examples.size()
                        + " embeddings, found " + vectors.length);
            }
            double[][] rows = Vectors.normalised(vectors);
            for (int q = 0; q < queries.size(); q++) {
                byQuery.get(q).add(nearest(examples, rows, queries.get(q), k));
            }
        });
        List<Query> found = new ArrayList<>();
        for (int q = 0; q < queries.size(); q++) {
            found.add(new Query(examples.get(queries.get(q)), byQuery.get(q)));
        }
        return new Neighbours(List.copyOf(embeddings.keySet()), found);
    }

    private static List<Hit> nearest(List<Example> examples, double[][] rows, int query, int k) {
        List<Hit> hits = new ArrayList<>();
        String asked = examples.get(query).text();
        for (int i = 0; i < rows.length; i++) {
            if (!examples.get(i).text().equals(asked)) {
                hits.add(new Hit(examples.get(i), Vectors.dot(rows[query], rows[i])));
            }
        }
        hits.sort(Comparator.comparingDouble(Hit::cosine).reversed());
        return hits.subList(0, Math.min(k, hits.size()));
    }
}
