package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.report.ReportTable;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a setting of a step by short trainings. Each value is trained for a part of the steps, and its model is scored by
 * the mean of the tasks on words and the mean of those on sentences, on the {@linkplain
 * io.github.llm2vec4j.evaluation.suite.EmbeddedText#development development part} of the recipe's text, which the trials
 * do not train on. The value with the best mean of its two ranks is taken: the two scores lie on different scales, and a
 * rank lets neither weigh more because its scores are farther apart. Of equals the one with the higher mean score is taken,
 * then the one that was given first.
 *
 * <p>Everything is kept in {@code search/}: a folder for each trial, the scores in {@code results/}, and the choice, which a
 * later run into the same folder takes from there.
 *
 * @param step whose setting it is
 * @param key of the setting
 * @param values as they were given, at least two
 * @param steps of each trial
 */
record RecipeSearch(Recipe.Step step, String key, List<String> values, int steps) {
    static final String FOLDER = "search";

    /** The share of a step's length that a trial has where nothing else is said. */
    private static final double SHARE = 0.25;

    private static final JsonMapper JSON = new JsonMapper();

    RecipeSearch {
        values = List.copyOf(values);
    }

    /**
     * Reads {@code KEY=V1,V2,…} or {@code STEP.KEY=V1,V2,…}; without a step it is the first one of stage {@code mntp}.
     *
     * @param length steps of each trial, or null for a quarter of the step's
     * @throws ConfigException for a step, a key or a value that there cannot be
     */
    static RecipeSearch of(Recipe recipe, String assignment, @Nullable Integer length) {
        String where = "--search " + assignment + ": ";
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new ConfigException(where + "expected KEY=VALUE,VALUE,…, such as mask_probability=0.2,0.4");
        }
        String named = assignment.substring(0, equals);
        int dot = named.indexOf('.');
        Recipe.Step step = recipe.steps().stream()
                .filter(s ->
                        dot < 0 ? s.kind() == StageKind.MNTP : s.name().equals(named.substring(0, Math.max(dot, 0))))
                .findFirst()
                .orElseThrow(() -> new ConfigException(where + "no such step; there are "
                        + recipe.steps().stream().map(Recipe.Step::name).toList()));
        String key = named.substring(dot + 1);
        if (key.equals("mask_probability")) {
            key = "mlm_probability"; // as the configuration calls it
        }
        List<String> values = List.of(assignment.substring(equals + 1).split(","));
        if (values.size() < 2 || new HashSet<>(values).size() < values.size()) {
            throw new ConfigException(where + "expected two or more values, each once");
        }
        for (String value : values) {
            step.settings().with(key, value); // refuses what the key cannot be
        }
        int whole = step.settings().integer("max_steps", 0);
        if (length == null && whole == 0) {
            throw new ConfigException(where + step.name() + " has no max_steps: say how long to try (--search-steps)");
        }
        int steps = length != null ? length : Math.max(1, (int) Math.round(SHARE * whole));
        return new RecipeSearch(step, key, values, steps);
    }

    /** The same on the step as earlier searches have left it. */
    RecipeSearch on(Recipe.Step changed) {
        return new RecipeSearch(changed, key, values, steps);
    }

    /** Its name in messages and files. */
    String name() {
        return step.name() + "." + key;
    }

    /** Where the trial of a value lies. */
    Path folder(Path out, String value) {
        return out.resolve(FOLDER).resolve(name() + "-" + value.replaceAll("[^A-Za-z0-9._+-]", "_"));
    }

    /** The step as a trial of a value runs it: shorter, with a warm-up that is shorter alike, and not on the development part. */
    Recipe.Step trial(String value) {
        StageConfig settings = step.settings();
        int whole = settings.integer("max_steps", steps);
        long warmup = Math.round((double) settings.integer("warmup_steps", 0) * steps / whole);
        return new Recipe.Step(
                step.name(),
                step.kind(),
                step.after(),
                settings.with("max_steps", String.valueOf(steps))
                        .with("warmup_steps", String.valueOf(warmup))
                        .with("drop_test_texts", "true")
                        .with(key, value));
    }

    /** Trains the step as it is given, into a folder. */
    interface Training {
        /** @return whether it is complete, and not stopped */
        boolean run(Recipe.Step step, Path folder, TestTexts tests) throws IOException;
    }

    /**
     * Tries all values; what was tried before is not tried again.
     *
     * @param development the tasks that the models are scored on
     * @return the trials in the order of their values; fewer where the run is to stop
     */
    List<Trial> run(Path out, Suite development, Training training, RecipeListener listener, BooleanSupplier stop)
            throws IOException {
        List<Trial> trials = new ArrayList<>();
        RecipeEvaluation scoring =
                new RecipeEvaluation(development, out.resolve(FOLDER).resolve("results"), listener);
        for (String value : values) {
            Path folder = folder(out, value);
            if (!training.run(trial(value), folder, TestSets.of(development)) || stop.getAsBoolean()) {
                return trials;
            }
            ModelResult result =
                    scoring.score(new RecipeModel(folder.getFileName().toString(), folder.toString(), false));
            trials.add(new Trial(value, mean(development, result, true), mean(development, result, false)));
        }
        return trials;
    }

    private static double mean(Suite suite, ModelResult result, boolean words) {
        List<String> names = suite.tasks().stream()
                .filter(task -> task instanceof WordTagging == words)
                .map(Task::name)
                .toList();
        return result.results().stream()
                .filter(task -> names.contains(task.task()))
                .mapToDouble(task -> task.mainScore())
                .average()
                .orElse(0);
    }

    /** The value that is taken. */
    static Trial best(List<Trial> trials) {
        return trials.stream()
                .min(Comparator.comparingDouble((Trial trial) -> meanRank(trials, trial))
                        .thenComparing(Comparator.comparingDouble(Trial::mean).reversed()))
                .orElseThrow();
    }

    static double meanRank(List<Trial> trials, Trial trial) {
        return (rank(trials, trial, Trial::words) + rank(trials, trial, Trial::sentences)) / 2;
    }

    /** From 1, the best; equals share the mean of their ranks. */
    private static double rank(List<Trial> trials, Trial trial, ToDoubleFunction<Trial> score) {
        double own = score.applyAsDouble(trial);
        long better = trials.stream()
                .filter(other -> score.applyAsDouble(other) > own)
                .count();
        long equal = trials.stream()
                .filter(other -> score.applyAsDouble(other) == own)
                .count();
        return better + (equal + 1) / 2.0;
    }

    /** What there is to show. */
    ReportTable table(List<Trial> trials) {
        Trial best = best(trials);
        List<List<String>> rows = new ArrayList<>();
        for (Trial trial : trials) {
            rows.add(List.of(
                    trial.value(),
                    String.format(Locale.ROOT, "%.4f", trial.words()),
                    String.format(Locale.ROOT, "%.4f", trial.sentences()),
                    String.format(Locale.ROOT, "%.1f", meanRank(trials, trial)),
                    trial == best ? "chosen" : ""));
        }
        return new ReportTable(
                "Search for " + name(),
                "Each value was trained for " + steps
                        + " steps and scored on the development part of the text, which it"
                        + " was not trained on: the mean of the tasks on words, and of those on sentences. The best mean"
                        + " of the two ranks is taken.",
                List.of(key, "Words", "Sentences", "Mean rank", ""),
                rows);
    }

    /** The same for a terminal. */
    String text(List<Trial> trials) {
        ReportTable table = table(trials);
        StringBuilder text = new StringBuilder(table.title() + ", " + steps + " steps each\n");
        line(text, table.columns());
        table.rows().forEach(row -> line(text, row));
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, List<String> cells) {
        cells.forEach(cell -> text.append(String.format(Locale.ROOT, "  %-16s", cell)));
        text.append('\n');
    }

    /** Writes the choice down, so that later runs take it. */
    void save(Path out, List<Trial> trials) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", step.name()).put("key", key).put("value", best(trials).value());
        json.put("steps_of_a_trial", steps);
        json.set("table", JSON.valueToTree(table(trials)));
        AtomicFiles.writeString(
                out.resolve(FOLDER).resolve("choice-" + name() + ".json"), json.toPrettyString() + "\n");
    }

    /** The choices of earlier searches in a folder. */
    static List<JsonNode> choices(Path out) {
        Path folder = out.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<JsonNode> choices = new ArrayList<>();
            for (Path file : files.filter(RecipeSearch::isChoice).sorted().toList()) {
                choices.add(JSON.readTree(file.toFile()));
            }
            return choices;
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isChoice(Path file) {
        return file.getFileName().toString().matches("choice-.*\\.json");
    }
}
