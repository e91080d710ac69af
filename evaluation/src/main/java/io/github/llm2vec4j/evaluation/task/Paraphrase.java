package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.AveragePrecision;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells a paraphrase from a hard negative by the cosine with the sentence. Scores the average precision over all
 * (sentence, paraphrase) and (sentence, negative) pairs, and triple accuracy: how often the paraphrase is nearer than
 * the negative of the same sentence (a tie counts one half).
 *
 * @param instruction given with every text, or null
 * @param fitTexts unlabelled texts from outside the test part, for a baseline to learn word weights
 * @param triples the test part, at least one
 */
public record Paraphrase(String name, @Nullable String instruction, List<String> fitTexts, List<Triple> triples)
        implements SentenceTask {

    /** A sentence, another way to say it, and a sentence that looks like it but says something else. */
    public record Triple(String sentence, String paraphrase, String negative) {}

    public Paraphrase {
        fitTexts = List.copyOf(fitTexts);
        triples = List.copyOf(triples);
        Parts.requireSome(name, "triples", triples);
    }

    @Override
    public String mainMetric() {
        return "average_precision";
    }

    @Override
    public int trainSize() {
        return 0;
    }

    @Override
    public int testSize() {
        return triples.size();
    }

    @Override
    public List<String> trainTexts() {
        return List.of();
    }

    @Override
    public List<String> testTexts() {
        return triples.stream()
                .flatMap(t -> Stream.of(t.sentence(), t.paraphrase(), t.negative()))
                .toList();
    }

    @Override
    public Paraphrase withTestTexts(UnaryOperator<String> change) {
        return new Paraphrase(
                name,
                instruction,
                fitTexts,
                triples.stream()
                        .map(triple -> new Triple(
                                change.apply(triple.sentence()),
                                change.apply(triple.paraphrase()),
                                change.apply(triple.negative())))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        TextFeatures.Fitted features = model.fit(fitTexts);
        List<String> sentences = new ArrayList<>();
        List<String> others = new ArrayList<>(); // for each sentence its paraphrase, then its negative
        for (Triple triple : triples) {
            sentences.addAll(List.of(triple.sentence(), triple.sentence()));
            others.addAll(List.of(triple.paraphrase(), triple.negative()));
        }
        double[] cosines = Cosines.of(features, instruction, sentences, others);
        boolean[] positive = new boolean[cosines.length];
        double correct = 0;
        double[][] items = new double[triples.size()][];
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < triples.size(); i++) {
            Triple triple = triples.get(i);
            positive[2 * i] = true;
            items[i] = new double[] {cosines[2 * i], 1, cosines[2 * i + 1], 0};
            double margin = cosines[2 * i] - cosines[2 * i + 1];
            double score = margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
            correct += score;
            outcomes.add(new Outcome(
                    triple.sentence(),
                    triple.paraphrase(),
                    margin > 0 ? triple.paraphrase() : triple.negative(),
                    score));
        }
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("average_precision", AveragePrecision.of(cosines, positive));
        shown.put("triple_accuracy", correct / triples.size());
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        0,
                        triples.size(),
                        new Details(outcomes, Map.of(), Map.of()))
                .withEvidence(Statistic.AVERAGE_PRECISION, items);
    }
}
