package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.TrainingListener;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A base and the stages that are trained on it, in order.
 *
 * @param name of the recipe
 * @param description where its settings come from
 * @param base the decoder to begin from: a folder, {@code OWNER/NAME} on the hub or {@code embedded:NAME}
 * @param text the embedded model whose text is trained and tested on where no other data is given, or {@link #NO_TEXT}
 * @param sizes of data sets on the hub, in GB, by their names in the settings
 */
public record Recipe(
        String name, String description, String base, String text, Map<String, Double> sizes, List<Step> steps) {
    /** In the place of a text: there are no tasks but those of a folder that is given. */
    static final String NO_TEXT = "none";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> KEYS = Set.of("name", "description", "base", "text", "sizes", "steps");
    private static final Set<String> STEP_KEYS = Set.of("stage", "after", "settings");

    /** Other folders of a run, and its steps that are no trainings. */
    private static final Set<String> RESERVED = Set.of("base", "data", "results", "evaluate", "search");

    public Recipe {
        sizes = Map.copyOf(sizes);
        steps = List.copyOf(steps);
    }

    /** The names of the recipes that the project brings. */
    public static final List<String> NAMES = List.of(
            "hebrew-mini",
            "dictalm2.0",
            "dictalm2.0-instruct",
            "dictalm3-1.7b",
            "llama-2-7b",
            "meta-llama-3-8b-instruct",
            "mistral-7b-instruct-v0.2",
            "qwen2-1.5b",
            "sheared-llama-1.3b");

    /** Whether the base is used where the hub's cache has it; any other is copied into the run. */
    boolean isOfHub() {
        return ModelFolder.isOfHub(base);
    }

    /** The base of a run: its name on the hub, or the copy. */
    String base(Path out) {
        return isOfHub() ? base : out.resolve("base").toString();
    }

    /**
     * One training stage.
     *
     * @param name also the name of the folder of its model
     * @param after the step whose adapter is merged into the base first, or null for the base alone
     */
    public record Step(
            String name, StageKind kind, @Nullable String after, StageConfig settings) {

        /**
         * Its training, which goes on where it was stopped.
         *
         * @param base the decoder
         * @param merged a model on that decoder whose adapter is merged into it first, or null for none
         * @param out where the model is to be
         * @param files what is trained on, unless its settings name data
         * @param tests what is not to be among it
         */
        Stage stage(
                String base,
                @Nullable Path merged,
                Path out,
                List<Path> files,
                TestTexts tests,
                List<TrainingListener> listeners) {
            StageConfig all =
                    settings.with("model_name_or_path", quoted(base)).with("output_dir", quoted(out.toString()));
            if (!namesData()) {
                ArrayNode names = JSON.createArrayNode();
                files.forEach(file -> names.add(file.toString()));
                all = all.with("train_file", names.toString());
            }
            if (merged != null) {
                all = all.with("peft_model_name_or_path", quoted(merged.toString()));
            }
            return new Stage(kind, all, listeners, tests);
        }

        private static String quoted(String text) {
            return new TextNode(text).toString();
        }

        /** A copy with a setting changed. */
        Step with(String key, String value) {
            return with(settings.with(key, value));
        }

        Step with(StageConfig other) {
            return new Step(name, kind, after, other);
        }

        /** Whether its settings name data; a step that names none trains on the recipe's. */
        boolean namesData() {
            return Stream.of("train_file", "dataset_file_path", "dataset_name").anyMatch(settings::has);
        }
    }

    /**
     * Reads a recipe that ships with the project, by its name, or a file.
     *
     * @throws ConfigException if there is none, or it has an unknown key or a setting of the wrong kind
     */
    public static Recipe load(String nameOrFile) {
        Path file = Path.of(nameOrFile);
        try (InputStream in = Files.isRegularFile(file)
                ? Files.newInputStream(file)
                : Recipe.class.getResourceAsStream("/llm2vec4j/recipes/" + nameOrFile + ".json")) {
            if (in == null) {
                throw new ConfigException(nameOrFile + ": no recipe of that name and no such file; the project brings: "
                        + String.join(", ", NAMES));
            }
            return parse(nameOrFile, JSON.readTree(in));
        } catch (JsonProcessingException e) {
            throw new ConfigException(nameOrFile + " line " + e.getLocation().getLineNr() + ": not valid JSON: "
                    + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ConfigException(nameOrFile + ": cannot be read: " + e.getMessage());
        }
    }

    private static Recipe parse(String source, JsonNode json) {
        check(source, json, KEYS, "");
        List<Step> steps = new ArrayList<>();
        json.path("steps").properties().forEach(e -> {
            check(source, e.getValue(), STEP_KEYS, e.getKey() + ".");
            if (!e.getKey().matches("[A-Za-z0-9][A-Za-z0-9._-]*") || RESERVED.contains(e.getKey())) {
                throw new ConfigException(source + ": step '" + e.getKey()
                        + "': expected the name of a folder, of letters, digits and hyphens, and none of "
                        + RESERVED.stream().sorted().toList());
            }
            String after = e.getValue().path("after").asText("");
            if (!after.isEmpty() && steps.stream().noneMatch(step -> step.name.equals(after))) {
                throw new ConfigException(
                        source + ": " + e.getKey() + ".after: '" + after + "' is not a step before it");
            }
            JsonNode settings = e.getValue().path("settings");
            if (!(settings instanceof ObjectNode object)) {
                throw new ConfigException(source + ": " + e.getKey() + ".settings: expected an object");
            }
            steps.add(new Step(
                    e.getKey(),
                    stage(source, e.getKey(), e.getValue().path("stage").asText()),
                    after.isEmpty() ? null : after,
                    StageConfig.of(object, source + ": " + e.getKey() + ".settings")));
        });
        if (steps.isEmpty() || !json.path("base").isTextual()) {
            throw new ConfigException(source + ": expected a base and at least one step");
        }
        Map<String, Double> sizes = new TreeMap<>();
        json.path("sizes")
                .properties()
                .forEach(e -> sizes.put(e.getKey(), e.getValue().asDouble()));
        return new Recipe(
                json.path("name").asText("recipe"),
                json.path("description").asText(""),
                json.path("base").asText(),
                json.path("text").asText("embedded:hebrew-mini"),
                sizes,
                steps);
    }

    private static StageKind stage(String source, String step, String name) {
        try {
            return StageKind.of(name);
        } catch (ConfigException e) {
            throw new ConfigException(source + ": " + step + ": " + e.getMessage());
        }
    }

    private static void check(String source, JsonNode json, Set<String> known, String prefix) {
        json.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new ConfigException(source + ": unknown key '" + prefix + key + "'; did you mean '" + prefix
                        + StageConfig.nearest(key, known) + "'?");
            }
        });
    }

    /** A copy with a step in the place of the one of its name. */
    Recipe with(Step changed) {
        return withSteps(steps.stream()
                .map(step -> step.name.equals(changed.name) ? changed : step)
                .toList());
    }

    /**
     * A copy with a setting changed: {@code STEP.key=value} for one step, {@code key=value} for all, {@code base=…} for
     * the base.
     */
    public Recipe with(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new ConfigException("--set " + assignment + ": expected key=value");
        }
        String key = assignment.substring(0, equals);
        String value = assignment.substring(equals + 1);
        if (key.equals("base")) {
            return new Recipe(name, description, value, text, sizes, steps);
        }
        int dot = key.indexOf('.');
        String only = dot < 0 ? "" : key.substring(0, dot);
        if (dot >= 0 && steps.stream().noneMatch(step -> step.name.equals(only))) {
            throw new ConfigException("--set " + assignment + ": no step '" + only + "'; there are "
                    + steps.stream().map(Step::name).toList());
        }
        String setting = key.substring(dot + 1);
        return withSteps(steps.stream()
                .map(step -> dot < 0 || step.name.equals(only) ? step.with(setting, value) : step)
                .toList());
    }

    Recipe withSteps(List<Step> others) {
        return new Recipe(name, description, base, text, sizes, others);
    }
}
