package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.PublishedShape;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.HubSource;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageEstimate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a recipe would do, before anything is downloaded: its base and its data, its stages, and a plan for each machine.
 *
 * @param machines to plan for
 */
public record RecipeExplanation(Recipe recipe, List<Machine> machines) {
    private static final int WIDTH = 100;

    /**
     * The shape of the base: that of a published model, or of one that is here.
     *
     * @throws ConfigException if it is on the hub and its shape is not known
     */
    static DecoderConfig shape(Recipe recipe) throws IOException {
        String base = recipe.base().replaceFirst("@.*", "");
        if (!recipe.isOfHub()) {
            return DecoderConfig.read(ModelFolder.resolve(recipe.base()));
        }
        if (!PublishedShape.isKnown(base)) {
            throw new ConfigException(
                    recipe.base() + ": its shape is not known without a download: run './llm2vec pull "
                            + recipe.base() + "', and give the folder as base; known are "
                            + String.join(", ", PublishedShape.names()));
        }
        return PublishedShape.of(base);
    }

    /** As an object for programs. */
    public ObjectNode json() throws IOException {
        DecoderConfig shape = shape(recipe);
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("recipe", recipe.name()).put("description", recipe.description());
        ObjectNode base = json.putObject("base").put("name", recipe.base());
        base.put("model_type", shape.modelType()).put("layers", shape.layers()).put("hidden_size", shape.hiddenSize());
        base.put("parameters", parameters(shape));
        base.put("download_bytes", recipe.isOfHub() ? 2 * parameters(shape) : 0);
        ArrayNode stages = json.putArray("stages");
        for (Recipe.Step step : recipe.steps()) {
            StageEstimate estimate = StageEstimate.of(step.kind(), step.settings(), shape, 1, DType.BF16);
            stages.addObject()
                    .put("name", step.name())
                    .put("stage", step.kind().toString())
                    .put("after", step.after() == null ? "base" : step.after())
                    .put("data", data(step))
                    .put("steps", estimate.steps())
                    .put("rows", estimate.rows())
                    .put("max_seq_length", estimate.length())
                    .put("learning_rate", step.settings().number("learning_rate", 5e-5))
                    .put("flops", estimate.flops());
        }
        ArrayNode plans = json.putArray("plans");
        for (Machine machine : machines) {
            ObjectNode plan = plans.addObject()
                    .put("machine", machine.name())
                    .put("memory_bytes", machine.memory())
                    .put("speed_from", machine.figure());
            ArrayNode steps = plan.putArray("stages");
            for (Recipe.Step step : recipe.steps()) {
                StepPlan planned = StepPlan.of(step, shape, machine);
                StageConfig settings = planned.step().settings();
                steps.addObject()
                        .put("name", step.name())
                        .put("fits", planned.fits())
                        .put("torch_dtype", planned.form().type().torchName())
                        .put("load_in_8bit", settings.flag("load_in_8bit", false))
                        .put("micro_batch_size", planned.estimate().microBatch())
                        .put("gradient_checkpointing", settings.flag("gradient_checkpointing", false))
                        .put("gradient_cache", settings.flag("gradient_cache", false))
                        .put("bytes", planned.estimate().bytes())
                        .put("flops_per_second", planned.form().flops())
                        .put("seconds", planned.seconds());
            }
        }
        return json;
    }

    private static long parameters(DecoderConfig shape) {
        return StageEstimate.parameters(shape);
    }

    /** As lines of text. */
    public List<String> lines() throws IOException {
        DecoderConfig shape = shape(recipe);
        List<String> lines = new ArrayList<>();
        lines.add("recipe " + recipe.name());
        lines.addAll(wrapped(recipe.description()));
        lines.add("");
        lines.add("base");
        lines.add(String.format(
                Locale.ROOT,
                "  %s: %s, %d layers of %d, %.2f billion parameters; %s",
                recipe.base(),
                shape.modelType(),
                shape.layers(),
                shape.hiddenSize(),
                parameters(shape) * 1e-9,
                recipe.isOfHub()
                        ? gigabytes(2 * parameters(shape)) + " to download where the cache lacks it"
                        : "is here"));
        lines.add("");
        lines.add("stages");
        for (Recipe.Step step : recipe.steps()) {
            StageEstimate estimate = StageEstimate.of(step.kind(), step.settings(), shape, 1, DType.BF16);
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-18s %s on %s: %s of %d rows of at most %d tokens, learning rate %s",
                    step.name(),
                    step.kind(),
                    step.after() == null ? "the base" : step.after(),
                    estimate.steps() == 0 ? "as many steps as its epochs have" : estimate.steps() + " steps",
                    estimate.rows(),
                    estimate.length(),
                    step.settings().number("learning_rate", 5e-5)));
            lines.add("  " + " ".repeat(19) + data(step));
        }
        lines.add("  evaluation         "
                + (recipe.text().equals(Recipe.NO_TEXT)
                        ? "none, unless --data names a folder of tasks"
                        : "the base and each stage on the tasks of " + recipe.text()
                                + ", or those of the folder in --data"));
        for (Machine machine : machines) {
            lines.add("");
            lines.add("plan: " + machine.name());
            double seconds = 0;
            for (Recipe.Step step : recipe.steps()) {
                StepPlan plan = StepPlan.of(step, shape, machine);
                seconds += plan.seconds();
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-18s %s: %s%s, %s",
                        step.name(),
                        plan.words(),
                        plan.fits() ? "about " : "does not fit, needs ",
                        gigabytes(plan.estimate().bytes()),
                        time(plan.seconds())));
            }
            lines.add(String.format(Locale.ROOT, "  %-18s %s", "together", time(seconds)));
            lines.add("  speed from " + machine.figure());
        }
        lines.add("");
        lines.add("Memory is counted without the Java heap; times are for texts of full length, without evaluation.");
        return lines;
    }

    /** What a step trains on. */
    private String data(Recipe.Step step) {
        StageConfig settings = step.settings();
        HubSource source = HubSource.of(settings);
        if (source == null) {
            return step.namesData()
                    ? "files "
                            + (settings.has("train_file")
                                    ? settings.files("train_file")
                                    : settings.files("dataset_file_path"))
                    : "the text of " + recipe.text() + ", or of the folder in --data";
        }
        Double size = recipe.sizes().get(settings.text("dataset_name", ""));
        return "datasets/" + source.name() + (source.config() == null ? "" : " " + source.config())
                + (source.file() == null ? ", split " + source.split() : ", " + source.file()) + rows(settings)
                + (size == null ? "" : "; has " + gigabytes(Math.round(size * 1e9)) + ", read as far as is needed");
    }

    private static String rows(StageConfig settings) {
        int from = settings.integer("dataset_start_index", 0);
        int to = settings.has("dataset_number_of_rows")
                ? from + settings.integer("dataset_number_of_rows", 0)
                : settings.integer("dataset_limit", 0);
        return to == 0 ? "" : String.format(Locale.ROOT, ", rows %,d to %,d", from, to);
    }

    private static String gigabytes(long bytes) {
        return bytes < 50_000_000
                ? String.format(Locale.ROOT, "%.0f MB", Math.max(1, bytes * 1e-6))
                : String.format(Locale.ROOT, "%.1f GB", bytes * 1e-9);
    }

    private static String time(double seconds) {
        if (seconds == 0) {
            return "time not known";
        }
        return seconds < 5400
                ? String.format(Locale.ROOT, "%.0f minutes", Math.ceil(seconds / 60))
                : seconds < 2 * 86400
                        ? String.format(Locale.ROOT, "%.1f hours", seconds / 3600)
                        : String.format(Locale.ROOT, "%.1f days", seconds / 86400);
    }

    private static List<String> wrapped(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() + word.length() >= WIDTH) {
                lines.add(" " + line);
                line.setLength(0);
            }
            line.append(' ').append(word);
        }
        lines.add(" " + line);
        return lines;
    }
}
