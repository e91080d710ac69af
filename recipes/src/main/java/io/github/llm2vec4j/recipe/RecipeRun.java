package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.StageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a recipe into a folder: {@code base}, a folder for each step, {@code report.html} and {@code report.json}. What
 * is complete is not done again, so a run that was stopped goes on when it is started again.
 */
public final class RecipeRun {
    private static final Logger LOG = LoggerFactory.getLogger(RecipeRun.class);

    /** The steps that are not trainings. */
    private static final String BASE = "base";

    private static final String EVALUATE = "evaluate";
    private static final String CLOCK = "run.json";

    private final Recipe recipe;
    private final Path out;
    private final @Nullable Path data;
    private final Set<String> only;
    private final RecipeListener listener;
    private volatile @Nullable Stage running;
    private volatile boolean stopRequested;

    /**
     * @param data folder of public Hebrew data sets, or null for the project's own text
     * @param only names of the steps to do, or none for all: {@code base}, those of the recipe, {@code evaluate}
     */
    public RecipeRun(Recipe recipe, Path out, @Nullable Path data, Set<String> only, RecipeListener listener) {
        this.recipe = recipe;
        this.out = out;
        this.data = data;
        this.only = Set.copyOf(only);
        this.listener = listener;
        List<String> known = stepNames();
        for (String name : only) {
            if (!known.contains(name)) {
                throw new ConfigException("--only " + name + ": no such step; there are " + known);
            }
        }
    }

    private List<String> stepNames() {
        return Stream.concat(
                        Stream.concat(Stream.of(BASE), recipe.steps().stream().map(Recipe.Step::name)),
                        Stream.of(EVALUATE))
                .toList();
    }

    /**
     * Does what is not yet done. Nothing is written before the base, the data and the folder have proved usable.
     *
     * @return the results, or null if the run was asked to stop before its end or evaluation is not among its steps
     */
    public @Nullable List<ModelResult> run() throws IOException {
        RunStart start = new RunStart(recipe, out);
        start.checkFolder(CLOCK);
        start.checkData(this::wanted);
        start.checkBase(wanted(BASE));
        start.checkSteps(this::wanted, wanted(EVALUATE));
        RunClock clock = RunClock.start(out.resolve(CLOCK));
        RecipeData material = RecipeData.of(recipe, data, out.resolve("data"));
        clock.save(); // from here on the folder holds a run, however this one ends
        try {
            return run(clock, material);
        } finally {
            clock.save();
        }
    }

    private @Nullable List<ModelResult> run(RunClock clock, RecipeData material) throws IOException {
        if (wanted(BASE)) {
            copyBase();
        }
        DecoderConfig shape = DecoderConfig.read(ModelFolder.resolve(recipe.base(out)));
        for (Recipe.Step step : recipe.steps()) {
            if (wanted(step.name()) && !train(planned(step, shape), material)) {
                return null;
            }
        }
        if (!wanted(EVALUATE) || stopRequested || material.suite().tasks().isEmpty()) {
            return null;
        }
        announce(EVALUATE, false);
        List<RecipeModel> models = RecipeModel.of(recipe, out);
        List<ModelResult> results = new RecipeEvaluation(material.suite(), out.resolve("results"), listener)
                .run(models, () -> stopRequested);
        if (stopRequested) {
            return null;
        }
        new RecipeReport(recipe, out, data, material, models).write(clock, results);
        return results;
    }

    /** As this machine has the memory for it. */
    private static Recipe.Step planned(Recipe.Step step, DecoderConfig shape) {
        StepPlan plan = StepPlan.of(step, shape, Device.host());
        if (!plan.fits()) {
            LOG.warn(
                    "{}: may need more memory than this machine has, about {}",
                    step.name(),
                    HubProgress.size(plan.estimate().bytes()));
        }
        return plan.step();
    }

    private boolean wanted(String step) {
        return only.isEmpty() || only.contains(step);
    }

    private void announce(String step, boolean complete) {
        List<String> names = stepNames();
        listener.stepStarted(step, names.indexOf(step) + 1, names.size(), complete);
    }

    private void copyBase() throws IOException {
        Path target = out.resolve(BASE);
        if (recipe.isOfHub()) {
            announce(BASE, true);
            return;
        }
        boolean complete = Files.isRegularFile(target.resolve("config.json"));
        announce(BASE, complete);
        if (complete) {
            return;
        }
        AtomicFiles.deleteLeftovers(out); // a copy that was killed, which may be large
        Path source = ModelFolder.resolve(recipe.base());
        List<Path> files = new ArrayList<>();
        try (Stream<Path> children = Files.list(source)) {
            children.filter(Files::isRegularFile).forEach(files::add);
        }
        AtomicFiles.writeFolder(target, folder -> {
            for (Path file : files) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        });
    }

    private boolean train(Recipe.Step step, RecipeData material) throws IOException {
        StageConfig settings = step.settings()
                .with("model_name_or_path", quoted(recipe.base(out)))
                .with("output_dir", quoted(out.resolve(step.name()).toString()));
        if (!step.namesData()) {
            ArrayNode files = new JsonMapper().createArrayNode();
            material.trainFiles(step.kind()).forEach(file -> files.add(file.toString()));
            settings = settings.with("train_file", files.toString());
        }
        if (step.after() != null) {
            settings = settings.with("peft_model_name_or_path", quoted(out.resolve(step.after()).toString()));
        }
        Stage stage = new Stage(step.kind(), settings, List.of(listener.training(step.name())));
        announce(step.name(), stage.isComplete());
        running = stage;
        try {
            if (stopRequested) {
                return false;
            }
            return stage.run(true);
        } finally {
            running = null;
        }
    }

    private static String quoted(String text) {
        return new com.fasterxml.jackson.databind.node.TextNode(text).toString();
    }

    /** Asks the run to stop at the next step of training, with a checkpoint. May be called from any thread. */
    public void requestStop() {
        stopRequested = true;
        Stage stage = running;
        if (stage != null) {
            stage.requestStop();
        }
    }
}
