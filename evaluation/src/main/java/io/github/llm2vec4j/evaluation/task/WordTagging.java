package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.core.tagging.EntityScores;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.evaluation.WordEncoder;
import io.github.llm2vec4j.evaluation.metric.ClassificationScores;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.LinearProbe;
import io.github.llm2vec4j.evaluation.probe.WordTagger;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Tags every word of a sentence: parts of speech, or named entities. Scores word accuracy (for entities including O, as
 * LLM2Vec does) and, for entities, precision, recall and F1 of whole entities as well.
 *
 * @param kind what the tags are
 * @param train tagged sentences to learn from, at least one
 * @param test tagged sentences to score, at least one
 */
public record WordTagging(String name, Kind kind, List<TaggedSentence> train, List<TaggedSentence> test)
        implements Task {

    /** What the tags of a word task are. */
    public enum Kind {
        /** One class a word; the main metric is accuracy. */
        PART_OF_SPEECH,
        /** IOB2 or BIOES tags; the main metric is entity F1. */
        ENTITIES
    }

    public WordTagging {
        train = List.copyOf(train);
        test = List.copyOf(test);
        Parts.requireSome(name, "train", train);
        Parts.requireSome(name, "test", test);
    }

    @Override
    public String mainMetric() {
        return kind == Kind.ENTITIES ? "entity_f1" : "accuracy";
    }

    @Override
    public int trainSize() {
        return train.size();
    }

    @Override
    public int testSize() {
        return test.size();
    }

    @Override
    public List<String> trainTexts() {
        return joined(train);
    }

    @Override
    public List<String> testTexts() {
        return joined(test);
    }

    private static List<String> joined(List<TaggedSentence> sentences) {
        return sentences.stream().map(s -> String.join(" ", s.words())).toList();
    }

    /** Runs the task with a linear probe on the encoder's frozen word vectors. */
    public TaskResult run(WordEncoder encoder) {
        return run(new LinearProbe(encoder));
    }

    /** Runs the task with any tagger; it learns from the train part and is then shown the words of the test part. */
    public TaskResult run(WordTagger tagger) {
        List<List<String>> words = test.stream().map(TaggedSentence::words).toList();
        List<List<String>> predicted = tagger.fit(train).tag(words);

        List<List<String>> gold = test.stream().map(TaggedSentence::tags).toList();
        ClassificationScores scores = ClassificationScores.of(flat(gold), flat(predicted));
        Map<String, Double> shown = new LinkedHashMap<>();
        if (kind == Kind.ENTITIES) {
            EntityScores.Prf entities = EntityScores.of(gold, predicted).micro();
            shown.put("entity_f1", entities.f1());
            shown.put("entity_precision", entities.precision());
            shown.put("entity_recall", entities.recall());
        }
        shown.put("accuracy", scores.accuracy());
        if (kind == Kind.PART_OF_SPEECH) {
            shown.put("macro_f1", scores.macroF1());
        }
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("train_words", Integer.toString(count(train)));
        notes.put("test_words", Integer.toString(count(test)));
        return new TaskResult(
                        name,
                        tagger.name(),
                        mainMetric(),
                        shown,
                        train.size(),
                        test.size(),
                        new Details(outcomes(predicted), scores.confusion(), notes))
                .withEvidence(Statistic.RATIO, items(gold, predicted));
    }

    /** For each sentence what it adds to the numerator and the denominator of the main score. */
    private double[][] items(List<List<String>> gold, List<List<String>> predicted) {
        double[][] items = new double[gold.size()][];
        for (int s = 0; s < items.length; s++) {
            List<String> tags = gold.get(s);
            List<String> given = predicted.get(s);
            if (kind == Kind.ENTITIES) {
                EntityScores.Prf entities =
                        EntityScores.of(List.of(tags), List.of(given)).micro();
                items[s] = new double[] {2.0 * entities.correct(), entities.predicted() + entities.gold()};
            } else {
                long right = IntStream.range(0, tags.size())
                        .filter(w -> tags.get(w).equals(given.get(w)))
                        .count();
                items[s] = new double[] {right, tags.size()};
            }
        }
        return items;
    }

    private List<Outcome> outcomes(List<List<String>> predicted) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int s = 0; s < test.size(); s++) {
            List<String> words = test.get(s).words();
            for (int w = 0; w < words.size(); w++) {
                outcomes.add(Outcome.of(
                        inContext(words, w),
                        test.get(s).tags().get(w),
                        predicted.get(s).get(w)));
            }
        }
        return outcomes;
    }

    /** The word between two neighbours on each side, marked. */
    private static String inContext(List<String> words, int word) {
        List<String> shown = new ArrayList<>();
        for (int i = Math.max(0, word - 2); i < Math.min(words.size(), word + 3); i++) {
            shown.add(i == word ? "[" + words.get(i) + "]" : words.get(i));
        }
        return String.join(" ", shown);
    }

    private static List<String> flat(List<List<String>> tags) {
        return tags.stream().flatMap(List::stream).toList();
    }

    private static int count(List<TaggedSentence> sentences) {
        return sentences.stream().mapToInt(s -> s.words().size()).sum();
    }
}
