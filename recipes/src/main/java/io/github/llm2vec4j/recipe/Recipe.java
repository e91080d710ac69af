package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A base and the stages that are trained on it, in order.
 *
 * @param name of the recipe
 * @param base the decoder to begin from: a folder or {@code embedded:NAME}
 * @param text the embedded model whose text is trained and tested on where no other data is given
 */
public record Recipe(String name, String base, String text, List<Step> steps) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> KEYS = Set.of("name", "base", "text", "steps");
    private static final Set<String> STEP_KEYS = Set.of("stage", "after", "settings");

    /** Other folders of a run, and its steps that are no trainings. */
    private static final Set<String> RESERVED = Set.of("base", "data", "results", "evaluate", "search");

    public Recipe {
        steps = List.copyOf(steps);
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
         * @param files what is trained on
         * @param tests what is not to be among it
         */
        Stage stage(Path base, @Nullable Path merged, Path out, List<Path> files, TestTexts tests, List<TrainingListener> listeners) {
            ArrayNode names = JSON.createArrayNode();
            files.forEach(file -> names.add(file.toString()));
            StageConfig all = settings.with("model_name_or_path", quoted(base))
                    .with("output_dir", quoted(out))
                    .with("train_file", names.toString());
            return new Stage(
                    kind,
                    merged == null ? all : all.with("peft_model_name_or_path", quoted(merged)),
                    listeners, tests);
        }

        private static String quoted(Path path) {
            return new TextNode(path.toString()).toString();
        }

        /** A copy with a setting changed. */
        Step with(String key, String value) {
            return new Step(name, kind, after, settings.with(key, value));
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
                throw new ConfigException(
                        nameOrFile + ": no recipe of that name and no such file; the project brings: hebrew-mini");
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
        return new Recipe(
                json.path("name").asText("recipe"),
                json.path("base").asText(),
                json.path("text").asText("embedded:hebrew-mini"),
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
        return new Recipe(
                name,
                base,
                text,
                steps.stream()
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
            return new Recipe(name, value, text, steps);
        }
        int dot = key.indexOf('.');
        String only = dot < 0 ? "" : key.substring(0, dot);
        if (dot >= 0 && steps.stream().noneMatch(step -> step.name.equals(only))) {
            throw new ConfigException("--set " + assignment + ": no step '" + only + "'; there are "
                    + steps.stream().map(Step::name).toList());
        }
        String setting = key.substring(dot + 1);
        return new Recipe(
                name,
                base,
                text,
                steps.stream()
                        .map(step -> dot < 0 || step.name.equals(only) ? step.with(setting, value) : step)
                        .toList());
    }
}
