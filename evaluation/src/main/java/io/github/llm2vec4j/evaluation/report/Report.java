package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * All that a report shows. Parts that are empty or null are left out of the page.
 *
 * @param run what was run
 * @param models the rows of the results, in order; see {@link ReportModel#standard}
 * @param tasks the columns of the results, in order
 * @param results what was measured; its models and tasks are among {@code models} and {@code tasks}
 * @param skipped the tasks that were not measured, and why
 * @param curves one a training stage, in order
 * @param map sentence embeddings before and after
 * @param neighbours nearest sentences by model
 * @param facts settings a stage, versions, host, data
 * @param tables further figures, each under its own heading
 * @param progress how far the run is, or null for one that has ended
 */
public record Report(
        RunInfo run,
        List<ReportModel> models,
        List<ReportTask> tasks,
        List<ModelResult> results,
        List<Skipped> skipped,
        List<LossCurve> curves,
        @Nullable EmbeddingMap map,
        @Nullable Neighbours neighbours,
        List<Facts> facts,
        List<ReportTable> tables,
        @Nullable RunProgress progress) {

    public static final String HTML_FILE = "report.html";
    public static final String JSON_FILE = "report.json";

    public Report {
        models = List.copyOf(models);
        tasks = List.copyOf(tasks);
        results = List.copyOf(results);
        skipped = List.copyOf(skipped);
        curves = List.copyOf(curves);
        facts = List.copyOf(facts);
        tables = List.copyOf(tables);
        List<String> modelNames = models.stream().map(ReportModel::name).toList();
        List<String> taskNames = tasks.stream().map(ReportTask::name).toList();
        for (ModelResult result : results) {
            requireKnown("model", modelNames, result.model());
            result.results().forEach(task -> requireKnown("task", taskNames, task.task()));
        }
    }

    /** The report of a run that has ended. */
    public Report(
            RunInfo run,
            List<ReportModel> models,
            List<ReportTask> tasks,
            List<ModelResult> results,
            List<Skipped> skipped,
            List<LossCurve> curves,
            @Nullable EmbeddingMap map,
            @Nullable Neighbours neighbours,
            List<Facts> facts) {
        this(run, models, tasks, results, skipped, curves, map, neighbours, facts, List.of(), null);
    }

    private static void requireKnown(String kind, List<String> known, String name) {
        if (!known.contains(name)) {
            throw new IllegalArgumentException("report: expected a " + kind + " of " + known + ", found " + name);
        }
    }

    /** Writes {@value #HTML_FILE} and {@value #JSON_FILE}, each whole or not at all. */
    public void write(Path folder) throws IOException {
        AtomicFiles.writeString(folder.resolve(JSON_FILE), toJson());
        AtomicFiles.writeString(folder.resolve(HTML_FILE), toHtml());
    }

    /** The page: one HTML document that loads nothing. */
    public String toHtml() {
        return new ReportHtml(this).page();
    }

    /** The same figures as a JSON document. */
    public String toJson() {
        return ReportJson.of(this).toPrettyString() + "\n";
    }

    /** The model that differences are taken against: the first that is there before training. */
    Optional<ReportModel> reference() {
        return models.stream()
                .filter(model -> model.role() == ReportModel.Role.BEFORE)
                .findFirst();
    }

    Optional<TaskResult> result(String model, String task) {
        return results.stream()
                .filter(result -> result.model().equals(model))
                .flatMap(result -> result.results().stream())
                .filter(result -> result.task().equals(task))
                .findFirst();
    }

    /** The label of a task. */
    String label(String task) {
        return tasks.stream()
                .filter(t -> t.name().equals(task))
                .map(ReportTask::label)
                .findFirst()
                .orElse(task);
    }

    /** The number of test items of a task; the same for all models. */
    OptionalInt testItems(String task) {
        return results.stream()
                .flatMap(result -> result.results().stream())
                .filter(result -> result.task().equals(task))
                .mapToInt(TaskResult::test)
                .findFirst();
    }
}
