package io.github.llm2vec4j.evaluation.report;

import java.util.List;
import java.util.Locale;

/**
 * Cosines by layer and token position.
 *
 * @param title the model
 * @param texts how many texts the cosines are means over, at the first position
 * @param layers the rows, lowest first
 * @param cosines for each layer, for each position from the first token on, the mean cosine over the texts that have a
 *     token there
 */
public record HeatMap(String title, int texts, List<Integer> layers, List<List<Double>> cosines) {
    public HeatMap {
        layers = List.copyOf(layers);
        cosines = cosines.stream().map(List::copyOf).toList();
        if (cosines.size() != layers.size()) {
            throw new IllegalArgumentException(
                    "heat map " + title + ": expected " + layers.size() + " rows, found " + cosines.size());
        }
    }

    /** The mean over all positions of a layer. */
    double mean(int row) {
        return cosines.get(row).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** The mean of each layer, in a line. */
    public String inWords() {
        StringBuilder words = new StringBuilder("cosine causal–bidirectional by layer, " + title + ":");
        for (int r = 0; r < layers.size(); r++) {
            words.append(String.format(Locale.ROOT, " %d: %.3f", layers.get(r), mean(r)));
        }
        return words.toString();
    }
}
