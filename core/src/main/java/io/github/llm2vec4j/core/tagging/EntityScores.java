package io.github.llm2vec4j.core.tagging;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Entity-level scores: an entity counts as found when its type, first and last word are all right. Equal to seqeval's
 * default mode and to conlleval.
 *
 * @param micro over all entities
 * @param byType for each type that occurs in gold or prediction, in alphabetical order
 */
public record EntityScores(Prf micro, Map<String, Prf> byType) {

    /**
     * Precision, recall and F1 from counts; a fraction with denominator 0 is 0.
     *
     * @param correct predicted entities that are in gold
     * @param predicted all predicted entities
     * @param gold all gold entities
     */
    public record Prf(int correct, int predicted, int gold) {
        public double precision() {
            return predicted == 0 ? 0 : (double) correct / predicted;
        }

        public double recall() {
            return gold == 0 ? 0 : (double) correct / gold;
        }

        public double f1() {
            return predicted + gold == 0 ? 0 : 2.0 * correct / (predicted + gold);
        }

        private Prf plus(Prf other) {
            return new Prf(correct + other.correct, predicted + other.predicted, gold + other.gold);
        }
    }

    /**
     * Scores tag sequences, one list a sentence, against gold of the same shape.
     *
     * @throws IllegalArgumentException when the shapes differ or a tag is malformed
     */
    public static EntityScores of(List<List<String>> gold, List<List<String>> predicted) {
        if (gold.isEmpty() || gold.size() != predicted.size()) {
            throw new IllegalArgumentException("expected as many predicted sentences as gold sentences (" + gold.size()
                    + "), at least one, found " + predicted.size());
        }
        TreeMap<String, Prf> byType = new TreeMap<>();
        for (int s = 0; s < gold.size(); s++) {
            if (gold.get(s).size() != predicted.get(s).size()) {
                throw new IllegalArgumentException(
                        "sentence " + s + ": expected " + gold.get(s).size() + " predicted tags, found "
                                + predicted.get(s).size());
            }
            List<Span> goldSpans = Span.of(gold.get(s));
            Set<Span> known = new HashSet<>(goldSpans);
            goldSpans.forEach(span -> byType.merge(span.type(), new Prf(0, 0, 1), Prf::plus));
            for (Span span : Span.of(predicted.get(s))) {
                byType.merge(span.type(), new Prf(known.contains(span) ? 1 : 0, 1, 0), Prf::plus);
            }
        }
        Prf micro = byType.values().stream().reduce(new Prf(0, 0, 0), Prf::plus);
        return new EntityScores(micro, byType);
    }
}
