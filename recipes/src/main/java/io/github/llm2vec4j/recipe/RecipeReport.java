package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.ProjectVersion;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.evaluation.report.EmbeddingMap;
import io.github.llm2vec4j.evaluation.report.Example;
import io.github.llm2vec4j.evaluation.report.Facts;
import io.github.llm2vec4j.evaluation.report.LossCurve;
import io.github.llm2vec4j.evaluation.report.Neighbours;
import io.github.llm2vec4j.evaluation.report.Report;
import io.github.llm2vec4j.evaluation.report.ReportModel;
import io.github.llm2vec4j.evaluation.report.ReportTable;
import io.github.llm2vec4j.evaluation.report.ReportTask;
import io.github.llm2vec4j.evaluation.report.RunInfo;
import io.github.llm2vec4j.evaluation.report.RunProgress;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.training.TrainingLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers what a recipe has left and writes {@code report.html} and {@code report.json}. */
final class RecipeReport {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAP_EXAMPLES = 360;
    private static final int NEIGHBOUR_QUERIES = 6;
    private static final int NEIGHBOURS = 3;

    private final Recipe recipe;
    private final Path out;
    private final @Nullable Path dataFolder;
    private final RecipeData data;
    private final List<RecipeModel> models;

    RecipeReport(Recipe recipe, Path out, @Nullable Path dataFolder, RecipeData data, List<RecipeModel> models) {
        this.recipe = recipe;
        this.out = out;
        this.dataFolder = dataFolder;
        this.data = data;
        this.models = models;
    }

    void write(RunClock clock, List<ModelResult> results) throws IOException {
        List<Example> examples = data.examples().stream()
                .limit(MAP_EXAMPLES)
                .map(sentence -> new Example(sentence.text(), sentence.topic()))
                .toList();
        Map<String, float[][]> embeddings = embed(examples);
        List<Integer> queries = new ArrayList<>();
        for (int i = 0; i < NEIGHBOUR_QUERIES; i++) {
            queries.add(i * examples.size() / NEIGHBOUR_QUERIES);
        }
        new Report(
                        info(clock),
                        rows(results, results.get(results.size() - 1).model()),
                        data.suite().tasks().stream().map(ReportTask::of).toList(),
                        results,
                        data.suite().skipped(),
                        curves(),
                        EmbeddingMap.of(examples, embeddings),
                        Neighbours.of(examples, queries, embeddings, NEIGHBOURS),
                        facts(),
                        tables(),
                        null)
                .write(out);
    }

    /** The page of what there is so far. */
    Report soFar(RunClock clock, List<ModelResult> results, RunProgress progress) {
        return new Report(
                info(clock),
                results.isEmpty() ? List.of() : rows(results, ""),
                data.suite().tasks().stream().map(ReportTask::of).toList(),
                results,
                results.isEmpty() ? List.of() : data.suite().skipped(),
                curves(),
                null,
                null,
                List.of(),
                tables(),
                progress);
    }

    private RunInfo info(RunClock clock) {
        return new RunInfo(recipe.name(), recipe.base(), clock.started(), clock.worked(), command());
    }

    private List<LossCurve> curves() {
        return recipe.steps().stream()
                .map(step -> LossCurve.ofLog(
                        step.name(), TrainingLog.read(out.resolve(step.name()).resolve("log.jsonl"))))
                .filter(curve -> !curve.training().isEmpty() || !curve.heldOut().isEmpty())
                .toList();
    }

    /** What searches have chosen, and the test texts that were found. */
    private List<ReportTable> tables() {
        List<ReportTable> tables = new ArrayList<>();
        for (JsonNode choice : RecipeSearch.choices(out)) {
            tables.add(JSON.convertValue(choice.path("table"), ReportTable.class));
        }
        List<List<String>> overlaps = new ArrayList<>();
        for (Recipe.Step step : recipe.steps()) {
            overlaps.addAll(new TrainingFacts(out.resolve(step.name())).overlaps(step.name()));
        }
        if (!overlaps.isEmpty()) {
            tables.add(TestSets.table(overlaps));
        }
        return tables;
    }

    private List<ReportModel> rows(List<ModelResult> results, String baseline) {
        List<String> present = results.stream().map(ModelResult::model).toList();
        List<ReportModel> rows = new ArrayList<>(ReportModel.standard(baseline).stream()
                .filter(row -> present.contains(row.name()))
                .toList());
        for (Recipe.Step step : recipe.steps()) {
            if (rows.stream().noneMatch(row -> row.name().equals(step.name()))) {
                rows.add(new ReportModel(
                        step.name(),
                        ReportModel.Role.TRAINED,
                        null,
                        List.of(),
                        step.kind().toString()));
            }
        }
        return rows;
    }

    private Map<String, float[][]> embed(List<Example> examples) {
        List<String> texts = examples.stream().map(Example::text).toList();
        Map<String, float[][]> embeddings = new LinkedHashMap<>();
        for (RecipeModel model : models) {
            try (Llm2Vec loaded = model.load()) {
                embeddings.put(model.name(), loaded.encode(texts));
            }
        }
        return embeddings;
    }

    private String command() {
        return "./llm2vec recipe " + recipe.name() + (dataFolder == null ? "" : " --data DIR");
    }

    private List<Facts> facts() throws IOException {
        List<Facts> facts = new ArrayList<>();
        Map<String, String> base = new LinkedHashMap<>();
        base.put("model", recipe.base());
        base.put("sha256 of its weights", ModelDigest.of(ModelFolder.resolve(recipe.base(out))));
        facts.add(new Facts("Base", base));
        for (Recipe.Step step : recipe.steps()) {
            Map<String, String> entries = new LinkedHashMap<>();
            entries.put("stage", step.kind().toString());
            entries.put("after", step.after() == null ? "base" : step.after());
            entries.putAll(new TrainingFacts(out.resolve(step.name())).entries());
            entries.put(
                    "sha256 of the adapter", checksum(out.resolve(step.name()).resolve("adapter_model.safetensors")));
            facts.add(new Facts(step.name(), entries));
        }
        Facts host = Facts.host();
        Map<String, String> entries = new LinkedHashMap<>(host.entries());
        entries.put("compute type", ComputeType.fastest().torchName());
        entries.put("libtorch", ComputeType.engineVersion());
        entries.put("llm2vec4j", ProjectVersion.get());
        facts.add(new Facts(host.title(), entries));
        return facts;
    }

    private static String checksum(Path file) throws IOException {
        return Files.isRegularFile(file) ? Sha256.ofFile(file) : "none";
    }
}
