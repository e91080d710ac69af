package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.ClassificationScores;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.DenseRows;
import io.github.llm2vec4j.evaluation.probe.LogisticRegression;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Classifies texts by logistic regression on frozen embeddings; scores accuracy and macro-F1. C is chosen among 1, 10
 * and 100 on a held-out fifth of the train part; the test labels only meet the finished predictions. Other classifiers
 * may be tried beside it: their accuracy and macro-F1 are means over seeds, and the model of dense rows alone has them.
 *
 * @param instruction given with every text, or null
 * @param train labelled texts to fit the classifier, at least one
 * @param test labelled texts to score, at least one
 * @param probes tried beside logistic regression
 */
public record Classification(
        String name, @Nullable String instruction, List<Labelled> train, List<Labelled> test, Set<Probe> probes)
        implements SentenceTask {
    private static final double[] C_GRID = {1, 10, 100};

    /** A text and its label. */
    public record Labelled(String text, String label) {}

    public Classification {
        train = List.copyOf(train);
        test = List.copyOf(test);
        probes = probes.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(probes));
        Parts.requireSome(name, "train", train);
        Parts.requireSome(name, "test", test);
    }

    /** With logistic regression alone. */
    public Classification(String name, @Nullable String instruction, List<Labelled> train, List<Labelled> test) {
        this(name, instruction, train, test, Set.of());
    }

    @Override
    public String mainMetric() {
        return "accuracy";
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
        return train.stream().map(Labelled::text).toList();
    }

    @Override
    public List<String> testTexts() {
        return test.stream().map(Labelled::text).toList();
    }

    @Override
    public Classification withTestTexts(UnaryOperator<String> change) {
        return new Classification(
                name,
                instruction,
                train,
                test.stream()
                        .map(item -> new Labelled(change.apply(item.text()), item.label()))
                        .toList(),
                probes);
    }

    @Override
    public TaskResult run(TextFeatures model) {
        List<String> trainTexts = trainTexts();
        List<String> testTexts = testTexts();
        TextFeatures.Fitted features = model.fit(trainTexts);
        Rows trainRows = features.rows(instruction, trainTexts);
        Rows testRows = features.rows(instruction, testTexts);
        List<String> trainLabels = train.stream().map(Labelled::label).toList();
        LogisticRegression classifier =
                LogisticRegression.fitChoosingC(trainRows, trainLabels, LogisticRegression.Settings.SENTENCES, C_GRID);
        List<String> predicted = classifier.predict(testRows);

        List<String> gold = test.stream().map(Labelled::label).toList();
        ClassificationScores scores = ClassificationScores.of(gold, predicted);
        Map<String, Double> shown = new LinkedHashMap<>();
        shown.put("accuracy", scores.accuracy());
        shown.put("macro_f1", scores.macroF1());
        Map<String, List<Double>> runs = runs(trainRows, trainLabels, testRows, gold);
        shown.putAll(Runs.means(runs));
        List<Outcome> outcomes = IntStream.range(0, test.size())
                .mapToObj(i -> Outcome.of(testTexts.get(i), gold.get(i), predicted.get(i)))
                .toList();
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        shown,
                        train.size(),
                        test.size(),
                        new Details(outcomes, scores.confusion(), notes(classifier, trainTexts, testTexts)))
                .withEvidence(
                        Statistic.RATIO,
                        outcomes.stream().map(o -> new double[] {o.score(), 1}).toArray(double[][]::new))
                .withRuns(runs);
    }

    /** The scores of the other probes with each seed. */
    private Map<String, List<Double>> runs(Rows trainRows, List<String> trainLabels, Rows testRows, List<String> gold) {
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        if (trainRows instanceof DenseRows rows) {
            for (Probe probe : probes) {
                List<ClassificationScores> scores = IntStream.range(0, probe.runs())
                        .parallel()
                        .mapToObj(run -> ClassificationScores.of(
                                gold, probe.fit(rows, trainLabels, run).predict(testRows)))
                        .toList();
                runs.put(
                        probe.prefix() + "_accuracy",
                        scores.stream().map(ClassificationScores::accuracy).toList());
                runs.put(
                        probe.prefix() + "_macro_f1",
                        scores.stream().map(ClassificationScores::macroF1).toList());
            }
        }
        return runs;
    }

    private static Map<String, String> notes(
            LogisticRegression classifier, List<String> trainTexts, List<String> testTexts) {
        Set<String> known = new HashSet<>(trainTexts);
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put(
                "classifier",
                "logistic regression, C = " + classifier.settings().c());
        notes.put("classes", Integer.toString(classifier.classes().size()));
        notes.put(
                "test_texts_also_in_train",
                Long.toString(testTexts.stream().filter(known::contains).count()));
        return notes;
    }
}
