package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.TrainingListener;
import io.github.llm2vec4j.training.data.TestTexts;
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

    private final Path out;
    private final @Nullable Path data;
    private final Set<String> only;
    private final RecipeListener listener;
    private final List<RecipeSearch> searches;
    private final Machine machine;
    private Recipe recipe;
    private @Nullable RecipeProgress progress;
    private volatile @Nullable Stage running;
    private volatile boolean stopRequested;

    /**
     * @param data folder of public Hebrew data sets, or null for the project's own text
     * @param only names of the steps to do, or none for all: {@code base}, those of the recipe, {@code evaluate}
     */
    public RecipeRun(Recipe recipe, Path out, @Nullable Path data, Set<String> only, RecipeListener listener) {
        this(recipe, out, data, only, List.of(), null, Machine.host(null), listener);
    }

    /**
     * The same with searches for settings.
     *
     * @param search each {@code KEY=VALUE,VALUE,…} or {@code STEP.KEY=VALUE,VALUE,…}; done before the step is trained
     * @param searchSteps steps of each trial, or null for a quarter of the step's
     * @param machine what the steps are planned for
     */
    public RecipeRun(
            Recipe recipe,
            Path out,
            @Nullable Path data,
            Set<String> only,
            List<String> search,
            @Nullable Integer searchSteps,
            Machine machine,
            RecipeListener listener) {
        this.machine = machine;
        this.recipe = recipe;
        this.searches = search.stream()
                .map(assignment -> RecipeSearch.of(recipe, assignment, searchSteps))
                .toList();
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
        if (!searches.isEmpty() && material.development().tasks().isEmpty()) {
            throw new ConfigException("--search: " + recipe.name()
                    + " has no text to choose by: set text to an embedded model in the recipe, or leave --search out");
        }
        clock.save(); // from here on the folder holds a run, however this one ends
        takeChoices();
        RecipeProgress page = new RecipeProgress(
                stepNames().stream().filter(this::wanted).toList(),
                out,
                (results, at) -> report(material).soFar(clock, results, at));
        progress = page;
        String why = "";
        try {
            List<ModelResult> results = run(clock, material, page);
            why = stopRequested ? "Stopped as asked; the same command goes on." : "";
            return results;
        } catch (IOException | RuntimeException e) {
            why = "Failed: " + e.getMessage();
            throw e;
        } finally {
            if (!why.isEmpty()) {
                page.stopped(why);
            }
            clock.save();
        }
    }

    private RecipeReport report(RecipeData material) {
        return new RecipeReport(recipe, out, data, material, RecipeModel.of(recipe, out));
    }

    /** Sets what earlier searches in this folder have chosen. */
    private void takeChoices() {
        for (JsonNode choice : RecipeSearch.choices(out)) {
            for (Recipe.Step step : recipe.steps()) {
                if (step.name().equals(choice.path("step").asText())) {
                    String key = choice.path("key").asText();
                    String value = choice.path("value").asText();
                    recipe = recipe.with(step.with(key, value));
                    listener.said(step.name() + ": " + key + " is " + value + ", as the search in "
                            + out.resolve(RecipeSearch.FOLDER)
                            + " has chosen; without that folder it is as the recipe says");
                }
            }
        }
    }

    private @Nullable List<ModelResult> run(RunClock clock, RecipeData material, RecipeProgress page)
            throws IOException {
        if (wanted(BASE)) {
            copyBase();
        }
        for (String name : recipe.steps().stream().map(Recipe.Step::name).toList()) {
            if (wanted(name) && !(search(name, material) && train(step(name), material))) {
                return null;
            }
        }
        boolean evaluates = wanted(EVALUATE) && !material.suite().tasks().isEmpty();
        if (!evaluates && !stopRequested) {
            page.complete();
        }
        if (!evaluates || stopRequested) {
            return null;
        }
        announce(EVALUATE, false);
        List<RecipeModel> models = RecipeModel.of(recipe, out);
        List<ModelResult> results = new RecipeEvaluation(material.suite(), out.resolve("results"), listener)
                .run(models, page::scored, () -> stopRequested);
        if (stopRequested) {
            return null;
        }
        for (Recipe.Step step : recipe.steps()) {
            RecordedResults.write(out.resolve(step.name()), step.name(), results, material.suite());
        }
        report(material).write(clock, results);
        return results;
    }

    private Recipe.Step step(String name) {
        return recipe.steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Chooses the settings of a step that are searched for; false where the run was stopped meanwhile. */
    private boolean search(String name, RecipeData material) throws IOException {
        for (RecipeSearch search : searches) {
            if (search.step().name().equals(name)) {
                announce(name, false);
                RecipeSearch now = search.on(step(name));
                List<Trial> trials = now.run(
                        out,
                        material.development(),
                        (step, folder, tests) -> train(step, folder, material, tests),
                        listener,
                        () -> stopRequested);
                if (stopRequested || trials.size() < now.values().size()) {
                    return false;
                }
                now.save(out, trials);
                listener.said(now.text(trials));
                recipe = recipe.with(
                        step(name).with(now.key(), RecipeSearch.best(trials).value()));
            }
        }
        return true;
    }

    /** As the machine has the memory for it. */
    private Recipe.Step planned(Recipe.Step step) {
        DecoderConfig shape = DecoderConfig.read(ModelFolder.resolve(recipe.base(out)));
        StepPlan plan = StepPlan.of(step, shape, machine);
        if (!plan.fits()) {
            LOG.warn(
                    "{}: may need more memory than {} has, about {}",
                    step.name(),
                    machine.name(),
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
        if (progress != null) {
            progress.begin(step, complete);
        }
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
        Stage stage = stage(step, out.resolve(step.name()), material, TestSets.of(material.suite()));
        announce(step.name(), stage.isComplete());
        return run(stage);
    }

    /** A trial of a search, which is no step of its own. */
    private boolean train(Recipe.Step step, Path folder, RecipeData material, TestTexts tests) throws IOException {
        listener.said("  " + folder.getFileName());
        return run(stage(step, folder, material, tests));
    }

    private boolean run(Stage stage) throws IOException {
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

    private Stage stage(Recipe.Step step, Path folder, RecipeData material, TestTexts tests) {
        List<TrainingListener> listeners = new ArrayList<>(List.of(listener.training(step.name())));
        if (progress != null) {
            listeners.add(progress.watch(step.name()));
        }
        String after = step.after();
        return planned(step)
                .stage(
                        recipe.base(out),
                        after == null ? null : out.resolve(after),
                        folder,
                        material.trainFiles(step.kind()),
                        tests,
                        listeners);
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
