package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Interval;
import java.util.List;
import java.util.Locale;

/**
 * How well the representation of a beginning tells how the text goes on: texts that begin alike, of which one goes on
 * with a paraphrase of how the query does and one with something else (Springer et al. 2024; LLM2Vec section 4.1). The
 * mean of the beginning's tokens alone is compared.
 *
 * @param model the row
 * @param triples how many
 * @param layers lowest first
 */
public record PrefixScores(String model, int triples, List<AtLayer> layers) {
    public PrefixScores {
        layers = List.copyOf(layers);
    }

    /**
     * The scores at one layer.
     *
     * @param paraphrase mean cosine with the text that means the same
     * @param other mean cosine with the text that does not
     * @param gap 95 percent interval of what the first is above the second
     * @param accuracy how often it is above; a tie counts one half
     */
    public record AtLayer(int layer, double paraphrase, double other, Interval gap, double accuracy) {}

    /** How often the last layer tells the texts apart, in a line. */
    public String inWords() {
        AtLayer last = layers.get(layers.size() - 1);
        return String.format(
                Locale.ROOT,
                "common beginnings told apart, %s: %.3f of %d (cosine with the same meaning %.4f, with another %.4f)",
                model,
                last.accuracy(),
                triples,
                last.paraphrase(),
                last.other());
    }
}
