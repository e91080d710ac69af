package io.github.llm2vec4j.core.tagging;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How well given tags match the right ones. */
public final class TagScores {
    private TagScores() {}

    /**
     * {@code accuracy}, the share of words with the right tag, {@code O} included; and for tags that make up spans
     * {@code precision}, {@code recall} and {@code f1} of whole spans ({@link EntityScores}).
     *
     * @param gold the right tags, a list for each sentence, at least one word in all
     * @param given as many
     */
    public static Map<String, Double> of(TagTask task, List<List<String>> gold, List<List<String>> given) {
        int words = 0;
        int right = 0;
        for (int s = 0; s < gold.size(); s++) {
            for (int w = 0; w < gold.get(s).size(); w++) {
                words++;
                right += gold.get(s).get(w).equals(given.get(s).get(w)) ? 1 : 0;
            }
        }
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("accuracy", (double) right / words);
        if (task.hasSpans()) {
            EntityScores.Prf spans = EntityScores.of(gold, given).micro();
            scores.put("precision", spans.precision());
            scores.put("recall", spans.recall());
            scores.put("f1", spans.f1());
        }
        return scores;
    }
}
