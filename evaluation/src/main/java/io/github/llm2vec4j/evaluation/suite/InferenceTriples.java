package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.Paraphrase.Triple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Triples from natural language inference: a premise, what follows from it and what contradicts it, the first of each
 * where a premise has several; the data in which sentence encoders are trained and tested since InferSent.
 */
final class InferenceTriples {
    private final Map<String, String> entailed = new LinkedHashMap<>();
    private final Map<String, String> contradicted = new LinkedHashMap<>();

    void entails(String premise, String hypothesis) {
        entailed.putIfAbsent(premise, hypothesis);
    }

    void contradicts(String premise, String hypothesis) {
        contradicted.putIfAbsent(premise, hypothesis);
    }

    /** The premises that have both, in the order of the data. */
    List<Triple> triples() {
        List<Triple> triples = new ArrayList<>();
        entailed.forEach((premise, hypothesis) -> {
            String other = contradicted.get(premise);
            if (other != null) {
                triples.add(new Triple(premise, hypothesis, other));
            }
        });
        return triples;
    }
}
