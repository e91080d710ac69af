package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.evaluation.cache.ResultCache;
import io.github.llm2vec4j.evaluation.report.AblationCell;
import io.github.llm2vec4j.evaluation.report.AblationReport;
import io.github.llm2vec4j.evaluation.report.Facts;
import io.github.llm2vec4j.evaluation.report.HeatMap;
import io.github.llm2vec4j.evaluation.report.PrefixScores;
import io.github.llm2vec4j.evaluation.report.ReportTask;
import io.github.llm2vec4j.evaluation.report.RunInfo;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.StageKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention × training × pooling × layer (LLM2Vec sections 3 and 4): trains the variants that a run of a recipe lacks,
 * scores every model read in every way, and looks at what attention to later tokens does. What is trained or scored is
 * kept, so that a run that was stopped goes on, and a second one takes seconds.
 */
public final class AblationRun {
    private static final int ANALYSED_TEXTS = 200;

    private final AblationSettings settings;
    private final RecipeListener listener;
    private final Instant started = Instant.now();
    private volatile @Nullable Stage running;
    private volatile boolean stopRequested;

    public AblationRun(AblationSettings settings, RecipeListener listener) {
        if (settings.run() == null && settings.models().isEmpty()) {
            throw new ConfigException("ablation: give the folder of a finished run, or models with --model");
        }
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * Trains what is missing, scores and looks.
     *
     * @param command what repeats it
     * @return what was found, or null if it was asked to stop
     */
    public @Nullable AblationReport run(String command) throws IOException {
        Suite whole = RecipeData.suite(settings.recipe(), settings.data());
        Suite suite = settings.tasks().isEmpty() ? whole : whole.only(settings.tasks());
        Map<Boolean, Path> simcse = simcseAlone();
        Path run = settings.run();
        List<AblationVariant> variants = run == null
                ? AblationVariant.ofModels(settings.models())
                : AblationVariant.ofRun(settings.recipe(), run, simcse);
        List<Integer> layers = layers(settings.layers(), depth(variants.get(0)));
        if (run != null && !train(run, simcse)) {
            return null;
        }
        List<AblationCell> cells = new ArrayList<>();
        for (AblationVariant variant : variants) {
            if (!score(variant, suite, layers, cells)) {
                return null;
            }
        }
        List<HeatMap> attention = new ArrayList<>();
        List<HeatMap> beginnings = new ArrayList<>();
        List<PrefixScores> scores = new ArrayList<>();
        for (AblationVariant variant : variants) {
            if (stopRequested) {
                return null;
            }
            if (!variant.causal()) {
                AttentionAnalysis.Result found = analyse(variant, whole);
                attention.add(found.attention());
                AttentionAnalysis.Beginnings of = found.beginnings();
                if (of != null) {
                    beginnings.add(of.moved());
                    scores.add(of.scores());
                }
            }
        }
        return new AblationReport(
                new RunInfo(
                        "",
                        ModelChain.resolve(variants.get(0).model(), List.of())
                                .base()
                                .toString(),
                        started,
                        Duration.between(started, Instant.now()),
                        command),
                suite.tasks().stream().map(ReportTask::of).toList(),
                cells,
                attention,
                beginnings,
                scores,
                suite.skipped(),
                facts(variants));
    }

    /** The step of the recipe that is SimCSE, or null where it has none. */
    private Recipe.@Nullable Step simcse() {
        return settings.recipe().steps().stream()
                .filter(step -> step.kind() == StageKind.SIMCSE)
                .findFirst()
                .orElse(null);
    }

    /** Where the models of SimCSE without MNTP are: causal to folder. */
    private Map<Boolean, Path> simcseAlone() {
        Map<Boolean, Path> folders = new LinkedHashMap<>();
        Path run = settings.run();
        if (run != null && simcse() != null) {
            folders.put(true, run.resolve("ablation").resolve("simcse-causal"));
            folders.put(false, run.resolve("ablation").resolve("simcse-bidirectional"));
        }
        return folders;
    }

    /** SimCSE straight on the decoder, with the settings of the recipe; false if asked to stop before that is done. */
    private boolean train(Path run, Map<Boolean, Path> folders) throws IOException {
        Recipe.Step step = simcse();
        if (step == null) {
            return true;
        }
        RecipeData material = RecipeData.of(settings.recipe(), settings.data(), run.resolve("data"));
        int number = 0;
        for (Map.Entry<Boolean, Path> folder : folders.entrySet()) {
            String name = folder.getValue().getFileName().toString();
            Stage stage = step.with("bidirectional", String.valueOf(!folder.getKey()))
                    .stage(
                            settings.recipe().base(run),
                            null,
                            folder.getValue(),
                            material.trainFiles(step.kind()),
                            TestSets.of(material.suite()),
                            List.of(listener.training(name)));
            listener.stepStarted(name, ++number, folders.size(), stage.isComplete());
            running = stage;
            try {
                if (stopRequested || !stage.run(true)) {
                    return false;
                }
            } finally {
                running = null;
            }
        }
        return true;
    }

    private static int depth(AblationVariant variant) {
        return DecoderConfig.read(ModelChain.resolve(variant.model(), List.of()).base())
                .layers();
    }

    /** {@code few} are the thirds of the depth. */
    static List<Integer> layers(String asked, int depth) {
        if (asked.equals("all")) {
            return IntStream.rangeClosed(0, depth).boxed().toList();
        }
        if (asked.equals("few")) {
            return List.copyOf(new TreeSet<>(List.of(Math.max(1, depth / 3), Math.max(1, 2 * depth / 3), depth)));
        }
        TreeSet<Integer> layers = new TreeSet<>();
        for (String number : asked.split(",")) {
            int layer = number.strip().matches("[0-9]{1,4}") ? Integer.parseInt(number.strip()) : -1;
            if (layer < 0 || layer > depth) {
                throw new ConfigException("--layers " + asked + ": expected few, all, or numbers from 0 (the"
                        + " embeddings) to " + depth + " with commas");
            }
            layers.add(layer);
        }
        return List.copyOf(layers);
    }

    /** Adds a cell for each layer and pooling; false if asked to stop before that is done. */
    private boolean score(AblationVariant variant, Suite suite, List<Integer> layers, List<AblationCell> cells) {
        List<Pooling> poolings = List.copyOf(settings.poolings());
        Path own = folder(variant);
        try (GridEncoder grid = new GridEncoder(variant::load, layers, poolings, settings.words(), own)) {
            for (int layer : layers) {
                List<TaskResult> words = new ArrayList<>();
                for (int p = 0; p < poolings.size(); p++) {
                    if (stopRequested) {
                        return false;
                    }
                    Pooling pooling = poolings.get(p);
                    AblationCell cell = new AblationCell(
                            variant.attention(), variant.training(), pooling.toString(), layer, List.of());
                    if (p == 0) {
                        words = results(suite, true, cell, grid, pooling, own.resolve("words-" + layer));
                    }
                    List<TaskResult> all = new ArrayList<>(words);
                    all.addAll(results(suite, false, cell, grid, pooling, own.resolve(pooling + "-" + layer)));
                    cells.add(new AblationCell(cell.attention(), cell.training(), cell.pooling(), layer, all));
                }
            }
        }
        return true;
    }

    /** The results of the word tasks or of the sentence tasks. */
    private List<TaskResult> results(
            Suite suite, boolean words, AblationCell cell, GridEncoder grid, Pooling pooling, Path kept) {
        List<String> tasks = suite.tasks().stream()
                .filter(task -> task instanceof WordTagging == words)
                .map(Task::name)
                .toList();
        return suite.only(tasks)
                .run(
                        cell.name(),
                        grid.texts(cell.name(), cell.layer(), pooling),
                        grid.words(cell.name(), cell.layer()),
                        new ResultCache(kept),
                        result -> listener.scored(cell.name(), result.task(), result.mainMetric(), result.mainScore()))
                .results();
    }

    private AttentionAnalysis.Result analyse(AblationVariant variant, Suite suite) throws IOException {
        List<String> texts = suite.tasks().stream()
                .flatMap(task -> task.testTexts().stream())
                .distinct()
                .toList();
        int step = Math.max(1, texts.size() / ANALYSED_TEXTS);
        List<String> some = IntStream.range(0, Math.min(ANALYSED_TEXTS, texts.size()))
                .mapToObj(i -> texts.get(i * step))
                .toList();
        return AttentionAnalysis.kept(folder(variant), variant, some, PrefixTriple.of(suite, ANALYSED_TEXTS));
    }

    /** Where what is computed of a model is kept. */
    private Path folder(AblationVariant variant) {
        return settings.cache().resolve(variant.key(settings.words()).substring(0, 24));
    }

    private static List<Facts> facts(List<AblationVariant> variants) {
        Map<String, String> models = new LinkedHashMap<>();
        for (AblationVariant variant : variants) {
            Path folder = Path.of(variant.model());
            models.put(
                    variant.name(),
                    variant.model() + (Files.isDirectory(folder) ? ", sha256 " + ModelDigest.of(folder) : ""));
        }
        Map<String, String> host = new LinkedHashMap<>(Facts.host().entries());
        host.put("compute type", ComputeType.fastest().torchName());
        host.put("libtorch", ComputeType.engineVersion());
        return List.of(new Facts("Models", models), new Facts("Host", host));
    }

    /** Asks the run to stop at the next step of training or the next cell. May be called from any thread. */
    public void requestStop() {
        stopRequested = true;
        Stage stage = running;
        if (stage != null) {
            stage.requestStop();
        }
    }
}
