package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.metric.VMeasure;
import io.github.llm2vec4j.evaluation.probe.KMeans;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Clusters texts by k-means into as many clusters as there are labels; scores the v-measure, homogeneity and completeness
 * of the clusters, means over {@value #RUNS} seeds. The labels are looked at for their number and for the score alone.
 *
 * @param instruction given with every text, or null
 * @param texts labelled texts of at least two labels
 */
public record Clustering(String name, @Nullable String instruction, List<Labelled> texts) implements SentenceTask {
    private static final int RUNS = 3;

    public Clustering {
        texts = List.copyOf(texts);
        if (texts.stream().map(Labelled::label).distinct().count() < 2) {
            throw new IllegalArgumentException(
                    "task " + name + ": expected texts of at least two labels, found " + texts.size() + " of fewer");
        }
    }

    @Override
    public String mainMetric() {
        return "v_measure";
    }

    @Override
    public int trainSize() {
        return 0;
    }

    @Override
    public int testSize() {
        return texts.size();
    }

    @Override
    public List<String> trainTexts() {
        return List.of();
    }

    @Override
    public List<String> testTexts() {
        return texts.stream().map(Labelled::text).toList();
    }

    @Override
    public Clustering withTestTexts(UnaryOperator<String> change) {
        return new Clustering(
                name,
                instruction,
                texts.stream()
                        .map(item -> new Labelled(change.apply(item.text()), item.label()))
                        .toList());
    }

    @Override
    public TaskResult run(TextFeatures model) {
        List<String> plain = texts.stream().map(Labelled::text).toList();
        List<String> labels = texts.stream().map(Labelled::label).toList();
        List<String> classes = List.copyOf(new TreeSet<>(labels));
        Rows rows = model.fit(plain).rows(instruction, plain);
        double[][] items = labels.stream().map(label -> new double[RUNS + 1]).toArray(double[][]::new);
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        for (int run = 0; run < RUNS; run++) {
            int[] clusters = KMeans.fit(rows, classes.size(), run).clusters();
            for (int i = 0; i < items.length; i++) {
                items[i][0] = classes.indexOf(labels.get(i));
                items[i][run + 1] = clusters[i];
            }
            VMeasure scores =
                    VMeasure.of(labels, Arrays.stream(clusters).boxed().toList());
            add(runs, "v_measure", scores.vMeasure());
            add(runs, "homogeneity", scores.homogeneity());
            add(runs, "completeness", scores.completeness());
        }
        return new TaskResult(
                        name,
                        model.name(),
                        mainMetric(),
                        Runs.means(runs),
                        0,
                        texts.size(),
                        new Details(List.of(), Map.of(), Map.of("clusters", Integer.toString(classes.size()))))
                .withEvidence(Statistic.V_MEASURE, items)
                .withRuns(runs);
    }

    private static void add(Map<String, List<Double>> runs, String metric, double value) {
        runs.computeIfAbsent(metric, m -> new ArrayList<>()).add(value);
    }
}
