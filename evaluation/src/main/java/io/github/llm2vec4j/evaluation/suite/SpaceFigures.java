package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.metric.Space;
import io.github.llm2vec4j.evaluation.task.PairClassification;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.evaluation.task.Reranking;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How an encoder's vectors of a suite's test texts lie in their space; pairs that belong together are paraphrases,
 * positive pairs, and queries with what answers them. No instruction is given.
 *
 * @param space the figures
 * @param texts how many texts the first two are of
 * @param pairs how many pairs the last is of
 */
public record SpaceFigures(Space space, int texts, int pairs) {
    private static final int MAX = 1000;

    private record Pair(String first, String second) {
        String both() {
            return first + "\n" + second;
        }
    }

    /** Measures at most {@value #MAX} texts and pairs, those of lowest hash. */
    public static SpaceFigures of(Suite suite, TextEncoder encoder) {
        Set<String> all = new LinkedHashSet<>();
        Set<Pair> together = new LinkedHashSet<>();
        for (Task task : suite.withoutWords().tasks()) {
            all.addAll(task.testTexts());
            together.addAll(pairs(task));
        }
        all.removeIf(String::isBlank);
        List<String> texts = Split.sample(List.copyOf(all), text -> text, MAX);
        List<Pair> pairs = Split.sample(List.copyOf(together), Pair::both, MAX);
        Space space = Space.of(
                encoder.encode(null, texts),
                encoder.encode(null, pairs.stream().map(Pair::first).toList()),
                encoder.encode(null, pairs.stream().map(Pair::second).toList()));
        return new SpaceFigures(space, texts.size(), pairs.size());
    }

    /** Figure to value, for tables. */
    public Map<String, String> inWords() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put(
                "anisotropy, mean cosine of two texts",
                String.format(Locale.ROOT, "%.4f (%d texts)", space.anisotropy(), texts));
        words.put("uniformity, lower is more even", String.format(Locale.ROOT, "%.4f", space.uniformity()));
        words.put(
                "alignment of pairs that belong together, lower is nearer",
                String.format(Locale.ROOT, "%.4f (%d pairs)", space.alignment(), pairs));
        return words;
    }

    private static List<Pair> pairs(Task task) {
        List<Pair> pairs = new ArrayList<>();
        if (task instanceof PairClassification classification) {
            classification.pairs().stream()
                    .filter(PairClassification.Pair::positive)
                    .forEach(pair -> pairs.add(new Pair(pair.first(), pair.second())));
        } else if (task instanceof Paraphrase paraphrase) {
            paraphrase.triples().forEach(triple -> pairs.add(new Pair(triple.sentence(), triple.paraphrase())));
        } else if (task instanceof Retrieval retrieval) {
            retrieval
                    .queries()
                    .forEach(query -> query.relevant()
                            .forEach(p -> pairs.add(
                                    new Pair(query.text(), retrieval.corpus().get(p)))));
        } else if (task instanceof Reranking reranking) {
            reranking
                    .queries()
                    .forEach(query -> query.relevant()
                            .forEach(c -> pairs.add(
                                    new Pair(query.text(), query.candidates().get(c)))));
        }
        return pairs;
    }
}
