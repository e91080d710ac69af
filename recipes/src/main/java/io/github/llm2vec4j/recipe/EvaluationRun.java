package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import io.github.llm2vec4j.evaluation.baseline.MostFrequentTag;
import io.github.llm2vec4j.evaluation.baseline.StoredVectors;
import io.github.llm2vec4j.evaluation.cache.CachedEncoder;
import io.github.llm2vec4j.evaluation.cache.ResultCache;
import io.github.llm2vec4j.evaluation.cache.VectorCache;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.report.Facts;
import io.github.llm2vec4j.evaluation.report.Report;
import io.github.llm2vec4j.evaluation.report.ReportModel;
import io.github.llm2vec4j.evaluation.report.ReportModel.Role;
import io.github.llm2vec4j.evaluation.report.ReportTask;
import io.github.llm2vec4j.evaluation.report.RunInfo;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.HebrewSuite;
import io.github.llm2vec4j.evaluation.suite.LeakCheck;
import io.github.llm2vec4j.evaluation.suite.MtebFiles;
import io.github.llm2vec4j.evaluation.suite.Published;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Scores models side by side, outside a recipe. */
public final class EvaluationRun {
    private static final JsonMapper JSON = new JsonMapper();

    private final EvaluationSettings settings;
    private final Suite suite;
    private final List<LeakCheck> leaks;
    private final List<Row> rows;
    private final Instant started = Instant.now();

    /** A line of the table that is still to be measured. */
    private record Row(ReportModel shown, String key, Function<Consumer<TaskResult>, ModelResult> run) {}

    /**
     * Finds the models and reads the data; nothing is encoded yet.
     *
     * @throws ConfigException for settings that do not fit together or give nothing to score
     */
    public EvaluationRun(EvaluationSettings settings) {
        this.settings = settings;
        suite = suite(settings);
        leaks = LeakCheck.of(
                suite,
                settings.trainedOn().isEmpty()
                        ? List.of()
                        : TextFiles.texts(settings.trainedOn(), List.of("text", "query", "positive", "negative")));
        rows = rows();
    }

    private static Suite suite(EvaluationSettings settings) {
        Path data = settings.data();
        Suite all = data == null
                ? RecipeData.embeddedSuite(settings.options())
                : HebrewSuite.folder(data, settings.options());
        if (all.tasks().isEmpty()) {
            throw new ConfigException((data == null ? "the project's own text" : data) + ": gives no task to score: "
                    + all.skipped().get(0).reason());
        }
        return settings.tasks().isEmpty() ? all : all.only(settings.tasks());
    }

    /** The tasks, and those that could not be made. */
    public Suite suite() {
        return suite;
    }

    /** For each task the test texts that stand in its train part or among the texts trained on. */
    public List<LeakCheck> leaks() {
        return leaks;
    }

    /** What others have published for the same tasks. */
    public List<Published> published() {
        return Published.of(suite);
    }

    private List<Row> rows() {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (String model : settings.models()) {
            ModelChain chain = ModelChain.resolve(model, List.of());
            add(rows, shortName(model), Role.TRAINED, model, name -> model(name, model, chain, settings.causal()));
            if (settings.baselines()) {
                baselines(rows, model, chain);
            }
        }
        settings.embeddings().forEach((name, file) -> {
            StoredVectors vectors = StoredVectors.read(name, file);
            Suite sentences = suite.withoutWords();
            add(
                    rows,
                    name,
                    Role.TRAINED,
                    "vectors of " + file.getFileName(),
                    row -> new Row(
                            shown(row, Role.TRAINED, "vectors of " + file.getFileName()),
                            "vectors",
                            listener ->
                                    sentences.run(row, new EncoderFeatures(vectors), new MostFrequentTag(), listener)));
        });
        if (settings.baselines()) {
            add(
                    rows,
                    "TF-IDF / most frequent tag",
                    Role.BASELINE,
                    "",
                    name -> new Row(
                            shown(name, Role.BASELINE, "counts words, knows no language model"),
                            "counts",
                            listener -> counts(name, listener)));
        }
        if (rows.isEmpty()) {
            throw new ConfigException("give a model (--model) or vectors (--embeddings) to evaluate");
        }
        return List.copyOf(rows.values());
    }

    private ModelResult counts(String name, Consumer<TaskResult> listener) {
        Path cache = settings.cache();
        ModelResult result = cache == null
                ? suite.runBaselines(listener)
                : suite.runBaselines(new ResultCache(cache.resolve("counts")), listener);
        return new ModelResult(name, result.results());
    }

    /** What a model has to beat that is made of its own decoder; named after it where there are several decoders. */
    private void baselines(Map<String, Row> rows, String model, ModelChain chain) {
        ModelChain base = new ModelChain(chain.base(), List.of(), chain.base());
        String place = chain.base().toString();
        boolean itself = chain.adapters().isEmpty();
        long bases = settings.models().stream()
                .map(other -> ModelChain.resolve(other, List.of()).base())
                .distinct()
                .count();
        String of = bases == 1 ? "" : " (" + (itself ? shortName(model) : shortName(place)) + ")";
        if (!itself || !settings.causal()) {
            addOnce(rows, ReportModel.CAUSAL + of, name -> model(name, place, base, true));
        }
        if (!itself || settings.causal()) {
            addOnce(rows, ReportModel.BIDIRECTIONAL + of, name -> model(name, place, base, false));
        }
        addOnce(
                rows,
                "static tokens" + of,
                name -> encoder(
                        shown(name, Role.BASELINE, "mean of the tokens' input embeddings"),
                        ModelKey.of(base, "static tokens"),
                        () -> Llm2Vec.builder(place).dtype("float32").build(),
                        loaded -> new StaticTokens(name, loaded)));
    }

    private void addOnce(Map<String, Row> rows, String name, Function<String, Row> make) {
        if (!rows.containsKey(name)) {
            rows.put(name, make.apply(name));
        }
    }

    private void add(Map<String, Row> rows, String name, Role role, String full, Function<String, Row> make) {
        String free = rows.containsKey(name) ? full : name;
        if (rows.containsKey(free)) {
            throw new ConfigException("'" + free + "' is to be evaluated twice: give each model once");
        }
        rows.put(free, make.apply(free));
    }

    /** The last part of a path, as a table has room for it. */
    private static String shortName(String model) {
        Path last = model.contains(":") ? null : Path.of(model).normalize().getFileName();
        return last == null || last.toString().isEmpty() ? model : last.toString();
    }

    private static ReportModel shown(String name, Role role, String note) {
        return new ReportModel(name, role, null, List.of(), note);
    }

    private Row model(String name, String model, ModelChain chain, boolean causal) {
        WordStates.Position chosen = settings.words();
        WordStates.Position words = chosen != null
                ? chosen
                : chain.adapters().isEmpty() ? WordStates.Position.SAME_TOKEN : WordStates.Position.PREVIOUS_TOKEN;
        boolean before = name.startsWith(ReportModel.CAUSAL) || name.startsWith(ReportModel.BIDIRECTIONAL);
        String use = (causal ? "causal" : "bidirectional") + " " + words + " "
                + ComputeType.fastest().torchName() + " " + ComputeType.engineVersion();
        return encoder(
                shown(name, before ? Role.BEFORE : Role.TRAINED, before ? "not trained further" : model),
                ModelKey.of(chain, use),
                () -> Llm2Vec.builder(model).causal(causal).build(),
                loaded -> new ModelEncoder(name, loaded, words));
    }

    private <E extends TextEncoder & WordEncoder> Row encoder(
            ReportModel shown, String key, Supplier<Llm2Vec> load, Function<Llm2Vec, E> encoder) {
        return new Row(shown, key, listener -> {
            try (LazyEncoder<E> lazy = new LazyEncoder<>(shown.name(), load, encoder)) {
                Path cache = settings.cache();
                if (cache == null) {
                    return suite.run(shown.name(), lazy, lazy, listener);
                }
                Path own = cache.resolve(key.substring(0, 24));
                CachedEncoder cached = new CachedEncoder(shown.name(), lazy, lazy, VectorCache.open(own));
                return suite.run(shown.name(), cached, cached, new ResultCache(own.resolve("results")), listener);
            }
        });
    }

    /**
     * Scores everything.
     *
     * @param listener told of each result with the name of its row
     */
    public List<ModelResult> run(RecipeListener listener) {
        List<ModelResult> results = new ArrayList<>();
        for (Row row : rows) {
            String name = row.shown().name();
            results.add(row.run()
                    .apply(result -> listener.scored(name, result.task(), result.mainMetric(), result.mainScore())));
        }
        return results;
    }

    /** The texts that a model would be asked for, each once; for who makes vectors elsewhere. */
    public List<String> texts() {
        LinkedHashSet<String> texts = new LinkedHashSet<>();
        suite.withoutWords().tasks().forEach(task -> {
            texts.addAll(task.trainTexts());
            texts.addAll(task.testTexts());
        });
        return List.copyOf(texts);
    }

    /**
     * Writes {@code results.json}, {@code report.html} and {@code report.json}, and below {@code mteb} what the Python
     * package mteb reads.
     *
     * @param command what repeats the run
     */
    public void write(Path folder, List<ModelResult> results, String command) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.set("table", ResultTable.ofMainMetrics(results).toJson());
        for (ModelResult model : results) {
            model.results()
                    .forEach(task ->
                            json.withArray("results").add(task.toJson(10).put("row", model.model())));
        }
        json.set("published", JSON.valueToTree(published()));
        json.set("leaks", JSON.valueToTree(leaks));
        json.set("skipped", JSON.valueToTree(suite.skipped()));
        AtomicFiles.writeString(folder.resolve("results.json"), json.toPrettyString() + "\n");
        for (int r = 0; r < results.size(); r++) {
            MtebFiles.write(
                    folder.resolve("mteb"),
                    results.get(r),
                    Sha256.ofText(rows.get(r).key()).substring(0, 12),
                    suite);
        }
        report(results, command).write(folder);
    }

    private Report report(List<ModelResult> results, String command) {
        Map<String, String> published = new LinkedHashMap<>();
        published()
                .forEach(figure -> published.put(
                        figure.task() + ", " + figure.metric() + ", " + figure.model(),
                        figure.score() + " (" + figure.source() + ")"));
        Map<String, String> overlap = new LinkedHashMap<>();
        leaks.forEach(leak -> overlap.put(leak.task(), leak.toString()));
        List<Facts> facts = new ArrayList<>(List.of(new Facts("Test texts found in training texts", overlap)));
        if (!published.isEmpty()) {
            facts.add(0, new Facts("Published figures for the same tasks", published));
        }
        facts.add(Facts.host());
        return new Report(
                new RunInfo(
                        "",
                        String.join(
                                ", ", results.stream().map(ModelResult::model).toList()),
                        started,
                        Duration.between(started, Instant.now()),
                        command),
                rows.stream().map(Row::shown).toList(),
                suite.tasks().stream().map(ReportTask::of).toList(),
                results,
                suite.skipped(),
                List.of(),
                null,
                null,
                facts);
    }
}
