package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.ClassificationScores;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.probe.Classifier;
import io.github.llm2vec4j.evaluation.probe.DenseRows;
import io.github.llm2vec4j.evaluation.probe.LogisticRegression;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.SoftmaxRegression;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Classifies texts as MTEB does: eight labelled texts of each label are drawn ten times, logistic regression with C = 1
 * is fitted to each draw, and accuracy and macro-F1 over the whole test part are means over the draws. Sparse rows of a
 * baseline get {@link LogisticRegression} with the same C. The draws follow from the order of the train part, but are not
 * those of MTEB's random numbers.
 *
 * @param instruction given with every text, or null
 * @param train labelled texts to draw from, at least one
 * @param test labelled texts to score, at least one
 */
public record FewShotClassification(
        String name, @Nullable String instruction, List<Labelled> train, List<Labelled> test) implements SentenceTask {
    private static final LogisticRegression.Settings SPARSE = new LogisticRegression.Settings(1, 0.01, 100);

    public FewShotClassification {
        train = List.copyOf(train);
        test = List.copyOf(test);
        Parts.requireSome(name, "train", train);
        Parts.requireSome(name, "test", test);
    }

    @Override
    public String mainMetric() {
        return "accuracy";
    }

    @Override
    public int trainSize() {
        return drawn().length;
    }

    @Override
    public int testSize() {
        return test.size();
    }

    /** The texts that any draw takes: no other is encoded. */
    @Override
    public List<String> trainTexts() {
        return Arrays.stream(drawn()).mapToObj(i -> train.get(i).text()).toList();
    }

    @Override
    public List<String> testTexts() {
        return test.stream().map(Labelled::text).toList();
    }

    @Override
    public FewShotClassification withTestTexts(UnaryOperator<String> change) {
        return new FewShotClassification(
                name,
                instruction,
                train,
                test.stream()
                        .map(item -> new Labelled(change.apply(item.text()), item.label()))
                        .toList());
    }

    private List<int[]> draws() {
        List<String> labels = train.stream().map(Labelled::label).toList();
        return IntStream.range(0, Probe.FEW_SHOT.runs())
                .mapToObj(run -> Probe.draw(labels, run))
                .toList();
    }

    private int[] drawn() {
        return draws().stream().flatMapToInt(Arrays::stream).distinct().sorted().toArray();
    }

    @Override
    public TaskResult run(TextFeatures model) {
        List<String> trainTexts = trainTexts();
        TextFeatures.Fitted features = model.fit(trainTexts);
        Rows trainRows = features.rows(instruction, trainTexts);
        Rows testRows = features.rows(instruction, testTexts());
        int[] drawn = drawn();
        List<String> gold = test.stream().map(Labelled::label).toList();
        List<List<String>> predicted = draws().parallelStream()
                .map(draw -> fit(
                                trainRows.select(Arrays.stream(draw)
                                        .map(i -> Arrays.binarySearch(drawn, i))
                                        .toArray()),
                                Arrays.stream(draw)
                                        .mapToObj(i -> train.get(i).label())
                                        .toList())
                        .predict(testRows))
                .toList();
        List<ClassificationScores> scores = predicted.stream()
                .map(labels -> ClassificationScores.of(gold, labels))
                .toList();
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        runs.put("accuracy", scores.stream().map(ClassificationScores::accuracy).toList());
        runs.put("macro_f1", scores.stream().map(ClassificationScores::macroF1).toList());
        List<Outcome> outcomes = IntStream.range(0, test.size())
                .mapToObj(i -> outcome(
                        test.get(i),
                        predicted.stream().map(labels -> labels.get(i)).toList()))
                .toList();
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        Runs.means(runs),
                        drawn.length,
                        test.size(),
                        new Details(outcomes, confusion(gold, predicted), notes()))
                .withEvidence(
                        Statistic.RATIO,
                        outcomes.stream().map(o -> new double[] {o.score(), 1}).toArray(double[][]::new))
                .withRuns(runs);
    }

    private static Classifier fit(Rows rows, List<String> labels) {
        return rows instanceof DenseRows dense
                ? SoftmaxRegression.fit(dense, labels, 1)
                : LogisticRegression.fit(rows, labels, SPARSE);
    }

    /** What most draws say, and the share of them that is right. */
    private static Outcome outcome(Labelled item, List<String> said) {
        Map<String, Long> votes =
                said.stream().collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        String most = votes.entrySet().stream()
                .max(Map.Entry.<String, Long>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .orElseThrow()
                .getKey();
        double share = (double) votes.getOrDefault(item.label(), 0L) / said.size();
        return new Outcome(item.text(), item.label(), most, share);
    }

    /** Of all draws together. */
    private static Map<String, Map<String, Integer>> confusion(List<String> gold, List<List<String>> predicted) {
        List<String> allGold = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (List<String> labels : predicted) {
            allGold.addAll(gold);
            all.addAll(labels);
        }
        return ClassificationScores.of(allGold, all).confusion();
    }

    private Map<String, String> notes() {
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("classifier", "logistic regression, C = 1, on 8 texts a label, 10 draws");
        notes.put(
                "classes",
                Long.toString(train.stream().map(Labelled::label).distinct().count()));
        return notes;
    }
}
