package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The same sentences as several models see them, laid on a plane.
 *
 * @param examples the sentences with their topics; some 200 to 400 look best
 * @param panels one a model, the model before training first
 */
public record EmbeddingMap(List<Example> examples, List<Panel> panels) {

    /**
     * One model's map.
     *
     * @param model its name
     * @param projection a point an example
     * @param sameTopic how often the nearest other sentence, in all dimensions, is of the same topic; from 0 to 1
     */
    public record Panel(String model, Projection projection, double sameTopic) {}

    public EmbeddingMap {
        examples = List.copyOf(examples);
        panels = List.copyOf(panels);
        for (Panel panel : panels) {
            if (panel.projection().points().size() != examples.size()) {
                throw new IllegalArgumentException("map of " + panel.model() + ": expected " + examples.size()
                        + " points, found " + panel.projection().points().size());
            }
        }
    }

    /**
     * Lays out by principal components.
     *
     * @param embeddings model to (examples, dimensions), in the order to show
     */
    public static EmbeddingMap of(List<Example> examples, Map<String, float[][]> embeddings) {
        List<Panel> panels = new ArrayList<>();
        embeddings.forEach((model, vectors) ->
                panels.add(new Panel(model, Projection.pca2(vectors), sameTopic(model, examples, vectors))));
        return new EmbeddingMap(examples, panels);
    }

    /** The topics in the order in which they come. */
    public List<String> topics() {
        return List.copyOf(
                new LinkedHashSet<>(examples.stream().map(Example::topic).toList()));
    }

    /** What {@link Panel#sameTopic} is for vectors drawn at random. */
    public double sameTopicByChance() {
        long pairs = 0;
        for (String topic : topics()) {
            long count = examples.stream().filter(e -> e.topic().equals(topic)).count();
            pairs += count * (count - 1);
        }
        long all = (long) examples.size() * (examples.size() - 1);
        return all == 0 ? 0 : (double) pairs / all;
    }

    private static double sameTopic(String model, List<Example> examples, float[][] vectors) {
        if (vectors.length != examples.size()) {
            throw new IllegalArgumentException(
                    "map of " + model + ": expected " + examples.size() + " embeddings, found " + vectors.length);
        }
        double[][] rows = Vectors.normalised(vectors);
        int same = 0;
        for (int i = 0; i < rows.length; i++) {
            int nearest = -1;
            double best = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < rows.length; j++) {
                double cosine = Vectors.dot(rows[i], rows[j]);
                if (j != i && cosine > best) {
                    best = cosine;
                    nearest = j;
                }
            }
            if (nearest >= 0
                    && examples.get(i).topic().equals(examples.get(nearest).topic())) {
                same++;
            }
        }
        return rows.length == 0 ? 0 : (double) same / rows.length;
    }
}
