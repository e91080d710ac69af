package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.core.hub.HubException;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import io.github.llm2vec4j.evaluation.baseline.MostFrequentTag;
import io.github.llm2vec4j.evaluation.baseline.StoredVectors;
import io.github.llm2vec4j.evaluation.cache.CachedEncoder;
import io.github.llm2vec4j.evaluation.cache.ResultCache;
import io.github.llm2vec4j.evaluation.cache.VectorCache;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.report.EmbeddingMap;
import io.github.llm2vec4j.evaluation.report.Example;
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
import io.github.llm2vec4j.evaluation.suite.Robustness;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import io.github.llm2vec4j.evaluation.suite.SpaceFigures;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.suite.TaskCard;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.TextFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Scores models side by side, outside a recipe. */
public final class EvaluationRun {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAP_EXAMPLES = 360;

    private final EvaluationSettings settings;
    private final Suite suite;
    private final List<LeakCheck> leaks;
    private final List<Row> rows;
    private final Instant started = Instant.now();

    /**
     * A line of the table that is still to be measured.
     *
     * @param changeable whether it can also score texts that are not among the suite's own
     * @param vectors gives its vectors of texts, or null where it has none
     */
    private record Row(
            ReportModel shown,
            String key,
            Scoring scoring,
            boolean changeable,
            @Nullable Vectors vectors) {}

    /** Opens an encoder for a while. */
    private interface Vectors {
        void with(Consumer<TextEncoder> use);
    }

    private interface Scoring {
        ModelResult score(Suite suite, Consumer<TaskResult> listener);
    }

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
        List<Task> tasks = new ArrayList<>();
        settings.files().forEach(files -> tasks.add(files.read()));
        List<Skipped> skipped = new ArrayList<>();
        HubChoice hub = settings.hub();
        String name = TaskCard.HUB;
        String place = "the hub";
        if (!hub.alone()) {
            Path data = settings.data();
            Suite local = data == null
                    ? RecipeData.embeddedSuite(settings.options())
                    : HebrewSuite.folder(data, settings.options());
            name = local.name();
            place = data == null ? "the project's own text" : data.toString();
            tasks.addAll(local.tasks());
            skipped.addAll(local.skipped());
        }
        Suite whole = new Suite(name, tasks, skipped);
        Suite chosen = settings.tasks().isEmpty() ? whole : whole.only(settings.tasks());
        Suite all = hub.tasks().isEmpty() ? chosen : withHub(chosen, hub);
        if (all.tasks().isEmpty()) {
            throw new ConfigException(
                    place + ": gives no task to score: " + all.skipped().get(0).reason());
        }
        return all;
    }

    private static Suite withHub(Suite suite, HubChoice hub) {
        List<Task> tasks = new ArrayList<>(suite.tasks());
        List<Skipped> skipped = new ArrayList<>(suite.skipped());
        HubRows rows = new HubRows(HubSettings.fromEnvironment());
        for (String task : hub.tasks()) {
            try {
                Suite made = HebrewSuite.mteb(task, rows, hub.options());
                tasks.addAll(made.tasks());
                skipped.addAll(made.skipped());
            } catch (HubException e) {
                if (hub.needed()) {
                    throw e;
                }
                skipped.add(new Skipped(task, String.valueOf(e.getMessage())));
            }
        }
        return new Suite(suite.name(), tasks, skipped);
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

    /** The published figures that were measured here too, each with ours beside it: what it is of, to the figures. */
    public Map<String, String> publishedBesideOurs(Findings findings) {
        Map<String, String> lines = new LinkedHashMap<>();
        for (Published figure : published()) {
            List<String> ours = new ArrayList<>();
            for (ModelResult model : findings.results()) {
                for (TaskResult result : model.results()) {
                    Double score = result.scores().get(figure.metric());
                    if (result.task().equals(figure.task()) && score != null) {
                        ours.add(String.format(Locale.ROOT, "%.3f %s", score, model.model()));
                    }
                }
            }
            if (!ours.isEmpty()) {
                lines.put(
                        figure.task() + ", " + figure.metric() + ", " + figure.model(),
                        String.format(Locale.ROOT, "%.3f; here ", figure.score()) + String.join(", ", ours) + " ("
                                + figure.source() + ")");
            }
        }
        return lines;
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
            String note = "vectors of " + file.getFileName();
            add(rows, name, Role.TRAINED, note, row -> stored(shown(row, Role.TRAINED, note), file));
        });
        if (settings.baselines()) {
            ReportModel counts =
                    shown("TF-IDF / most frequent tag", Role.BASELINE, "counts words, knows no language model");
            addOnce(
                    rows,
                    counts.name(),
                    name -> new Row(counts, "counts", (tasks, heard) -> counts(tasks, name, heard), true, null));
        }
        return List.copyOf(rows.values());
    }

    private static Row stored(ReportModel shown, Path file) {
        StoredVectors vectors = StoredVectors.read(shown.name(), file);
        return new Row(
                shown,
                "vectors",
                (tasks, heard) -> tasks.withoutWords()
                        .run(shown.name(), new EncoderFeatures(vectors), new MostFrequentTag(), heard),
                false,
                use -> use.accept(vectors));
    }

    private ModelResult counts(Suite tasks, String name, Consumer<TaskResult> heard) {
        Path cache = settings.cache();
        ModelResult result = cache == null
                ? tasks.runBaselines(heard)
                : tasks.runBaselines(new ResultCache(cache.resolve("counts")), heard);
        return new ModelResult(name, result.results());
    }

    /** What a model has to beat that is made of its own decoder; named after it where there are several decoders. */
    private void baselines(Map<String, Row> rows, String model, ModelChain chain) {
        ModelChain base = ModelChain.resolve(chain.base().toString(), List.of());
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
        WordStates.Position words = chosen != null ? chosen : WordStates.Position.SAME_TOKEN;
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
        Path cache = settings.cache();
        Path own = cache == null ? null : cache.resolve(key.substring(0, 24));
        Scoring scoring = (tasks, heard) -> {
            try (LazyEncoder<E> lazy = new LazyEncoder<>(shown.name(), load, encoder)) {
                if (own == null) {
                    return tasks.run(shown.name(), lazy, lazy, heard);
                }
                CachedEncoder cached = new CachedEncoder(shown.name(), lazy, lazy, VectorCache.open(own));
                return tasks.run(shown.name(), cached, cached, new ResultCache(own.resolve("results")), heard);
            }
        };
        return new Row(shown, key, scoring, true, use -> {
            try (LazyEncoder<E> lazy = new LazyEncoder<>(shown.name(), load, encoder)) {
                use.accept(own == null ? lazy : new CachedEncoder(shown.name(), lazy, lazy, VectorCache.open(own)));
            }
        });
    }

    /**
     * What a run has found.
     *
     * @param results one a row
     * @param robustness by row, empty where it was not asked for
     * @param space by row, empty where it was not asked for
     */
    public record Findings(
            List<ModelResult> results, Map<String, List<Robustness>> robustness, Map<String, SpaceFigures> space) {}

    /**
     * Scores everything.
     *
     * @param listener told of each result with the name of its row
     * @throws ConfigException when there is nothing to score
     */
    public Findings run(RecipeListener listener) {
        if (rows.isEmpty()) {
            throw new ConfigException("give a model (--model) or vectors (--embeddings) to evaluate");
        }
        List<ModelResult> results = new ArrayList<>();
        Map<String, List<Robustness>> robustness = new LinkedHashMap<>();
        Map<String, SpaceFigures> space = new LinkedHashMap<>();
        for (Row row : rows) {
            String name = row.shown().name();
            ModelResult scored = row.scoring()
                    .score(
                            suite,
                            result -> listener.scored(name, result.task(), result.mainMetric(), result.mainScore()));
            results.add(scored);
            if (settings.robustness() && row.changeable()) {
                robustness.put(
                        name,
                        Robustness.measure(suite, scored, tasks -> row.scoring().score(tasks, result -> {})));
            }
            Vectors vectors = row.vectors();
            if (settings.space() && vectors != null) {
                vectors.with(encoder -> space.put(name, SpaceFigures.of(suite, encoder)));
            }
        }
        return new Findings(results, robustness, space);
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
     * package mteb reads. In the folder of a model that was evaluated its card takes up the results.
     *
     * @param command what repeats the run
     */
    public void write(Path folder, Findings findings, String command) throws IOException {
        List<ModelResult> results = findings.results();
        ObjectNode json = JSON.createObjectNode();
        json.set("table", ResultTable.ofMainMetrics(results).toJson());
        for (ModelResult model : results) {
            model.results()
                    .forEach(task ->
                            json.withArray("results").add(task.toJson(10).put("row", model.model())));
        }
        if (settings.robustness()) {
            json.set("robustness", JSON.valueToTree(findings.robustness()));
        }
        if (settings.space()) {
            json.set("space", JSON.valueToTree(findings.space()));
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
        for (Row row : rows) {
            if (isIn(folder, row.shown())) {
                RecordedResults.write(folder, row.shown().name(), results, suite);
            }
        }
        report(findings, command).write(folder);
    }

    /** Whether the results of a model go into its own folder, so that its card takes them up. */
    private static boolean isIn(Path folder, ReportModel model) throws IOException {
        return model.role() == Role.TRAINED
                && Files.isRegularFile(folder.resolve("llm2vec4j.json"))
                && Files.isDirectory(Path.of(model.note()))
                && Files.isSameFile(folder, Path.of(model.note()));
    }

    private Report report(Findings findings, String command) {
        List<ModelResult> results = findings.results();
        Map<String, String> published = publishedBesideOurs(findings);
        Map<String, String> overlap = new LinkedHashMap<>();
        leaks.forEach(leak -> overlap.put(leak.task(), leak.toString()));
        List<Facts> facts = new ArrayList<>(List.of(new Facts("Test texts found in training texts", overlap)));
        if (!published.isEmpty()) {
            facts.add(0, new Facts("Published figures for the same tasks", published));
        }
        findings.robustness().forEach((model, changes) -> {
            Map<String, String> lines = new LinkedHashMap<>();
            changes.forEach(
                    change -> lines.put(change.task() + ", " + change.change().title(), change.inWords()));
            facts.add(new Facts("Other spellings: " + model, lines));
        });
        findings.space().forEach((model, figures) -> facts.add(new Facts("Space: " + model, figures.inWords())));
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
                map(),
                null,
                facts);
    }

    /** The test texts of the first classification as each row sees them; null where there are none to show. */
    private @Nullable EmbeddingMap map() {
        List<Example> all = suite.tasks().stream()
                .filter(Classification.class::isInstance)
                .map(Classification.class::cast)
                .findFirst()
                .map(task -> task.test().stream()
                        .filter(item -> !item.text().isBlank())
                        .map(item -> new Example(item.text(), item.label()))
                        .toList())
                .orElse(List.of());
        int step = Math.max(1, all.size() / MAP_EXAMPLES);
        List<Example> examples = IntStream.range(0, Math.min(MAP_EXAMPLES, all.size()))
                .mapToObj(i -> all.get(i * step))
                .toList();
        Map<String, float[][]> embeddings = new LinkedHashMap<>();
        for (Row row : rows) {
            Vectors vectors = row.vectors();
            if (vectors != null && !examples.isEmpty()) {
                vectors.with(encoder -> embeddings.put(
                        row.shown().name(),
                        encoder.encode(
                                null, examples.stream().map(Example::text).toList())));
            }
        }
        return embeddings.isEmpty() ? null : EmbeddingMap.of(examples, embeddings);
    }
}
