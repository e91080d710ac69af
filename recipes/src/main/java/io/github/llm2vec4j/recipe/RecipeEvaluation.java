package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Scores the models of a recipe. What was scored is kept in {@code results/} and not scored again. */
final class RecipeEvaluation {
    private static final JsonMapper JSON = new JsonMapper();

    private final Suite suite;
    private final Path folder;
    private final RecipeListener listener;

    RecipeEvaluation(Suite suite, Path folder, RecipeListener listener) {
        this.suite = suite;
        this.folder = folder;
        this.listener = listener;
    }

    /**
     * The results of all models and of the baselines; fewer if {@code stop} says so in between.
     *
     * @param heard told of each when it is there
     */
    List<ModelResult> run(List<RecipeModel> models, Consumer<ModelResult> heard, BooleanSupplier stop)
            throws IOException {
        List<ModelResult> results = new ArrayList<>();
        for (RecipeModel model : models) {
            if (stop.getAsBoolean()) {
                return results;
            }
            ModelResult result = score(model);
            heard.accept(result);
            results.add(result);
        }
        results.add(cached(
                "baseline",
                fingerprint("baseline"),
                () -> suite.runBaselines(result ->
                        listener.scored("baseline", result.task(), result.mainMetric(), result.mainScore()))));
        return results;
    }

    /** The results of one model. */
    ModelResult score(RecipeModel model) throws IOException {
        return cached(model.name(), fingerprint(model), () -> {
            try (Llm2Vec loaded = model.load()) {
                ModelEncoder encoder = new ModelEncoder(model.name(), loaded, WordStates.Position.SAME_TOKEN);
                return suite.run(
                        model.name(),
                        encoder,
                        encoder,
                        result ->
                                listener.scored(model.name(), result.task(), result.mainMetric(), result.mainScore()));
            }
        });
    }

    private interface Scoring {
        ModelResult score();
    }

    private ModelResult cached(String name, String fingerprint, Scoring scoring) throws IOException {
        Path file = folder.resolve(name.replaceAll("[^a-zA-Z0-9]+", "-") + ".json");
        if (Files.isRegularFile(file)) {
            JsonNode stored = JSON.readTree(file.toFile());
            if (stored.path("fingerprint").asText().equals(fingerprint)) {
                return JSON.treeToValue(stored.path("result"), ModelResult.class);
            }
        }
        ModelResult result = scoring.score();
        ObjectNode json = JSON.createObjectNode();
        json.put("fingerprint", fingerprint);
        json.set("result", JSON.valueToTree(result));
        AtomicFiles.writeString(file, json.toString());
        return result;
    }

    /** By its own weights: what a model stands on is that of the same run. */
    private String fingerprint(RecipeModel model) {
        return fingerprint(model.name() + ModelDigest.of(ModelFolder.resolve(model.model())));
    }

    private String fingerprint(String what) {
        StringBuilder parts = new StringBuilder(what).append(suite.name());
        for (Task task : suite.tasks()) {
            parts.append(task);
        }
        return Sha256.ofText(parts.toString());
    }
}
