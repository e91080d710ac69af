package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import java.util.ArrayList;
import java.util.List;

/**
 * A beginning and three ways to go on, of which the first two mean the same. The analysis of LLM2Vec section 4.1 (after
 * Springer et al. 2024) has 35 English ones; these are made of a suite's paraphrases.
 *
 * @param prefix what all three texts begin with
 * @param query how the query goes on
 * @param paraphrase another way to say that
 * @param other what looks like it but says something else
 */
record PrefixTriple(String prefix, String query, String paraphrase, String other) {

    /**
     * One for each triple of the first task on paraphrases, at most some number; the beginning is the sentence of the
     * triple that lies half of them away. None where the suite has no such task.
     */
    static List<PrefixTriple> of(Suite suite, int most) {
        List<Paraphrase.Triple> triples = suite.tasks().stream()
                .filter(Paraphrase.class::isInstance)
                .map(task -> ((Paraphrase) task).triples())
                .findFirst()
                .orElse(List.of());
        List<PrefixTriple> made = new ArrayList<>();
        for (int i = 0; i < Math.min(most, triples.size()); i++) {
            Paraphrase.Triple triple = triples.get(i);
            String prefix =
                    triples.get((i + triples.size() / 2) % triples.size()).sentence();
            if (!prefix.isBlank() && !prefix.equals(triple.sentence())) {
                made.add(new PrefixTriple(
                        prefix.strip() + " ", triple.sentence(), triple.paraphrase(), triple.negative()));
            }
        }
        return made;
    }

    /** The three texts: query, paraphrase, other. */
    List<String> texts() {
        return List.of(prefix + query, prefix + paraphrase, prefix + other);
    }
}
