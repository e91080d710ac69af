package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a model was made and how good it is, in its {@code llm2vec4j.json}: {@code training}, a list of the trainings from
 * the first to its own, and {@code results}. It goes along with the model when that is exported or uploaded, so it names
 * files by their names alone.
 */
public final class ModelRecord {
    static final String FILE = "llm2vec4j.json";
    private static final String TRAINING = "training";
    private static final String RESULTS = "results";
    private static final String BASE_CARD = "base_card";

    private ModelRecord() {}

    /**
     * A score on a test set.
     *
     * @param type of the task, as the hub calls it, such as {@code sentence-similarity}
     * @param dataset whose test part it is
     * @param low the ends of the 95 percent interval; not a number where it is not known
     */
    public record Result(
            String task, String type, String dataset, String metric, double score, double low, double high) {}

    /** The trainings of a base and of the adapters merged into it, as far as their folders record them. */
    public static List<JsonNode> history(Path base, List<Path> adapters) {
        List<JsonNode> trainings = new ArrayList<>();
        if (Files.isDirectory(base)) {
            read(base).path(TRAINING).forEach(trainings::add);
        }
        for (Path adapter : adapters) {
            JsonNode own = read(adapter).path(TRAINING);
            if (!own.isEmpty()) {
                trainings.add(own.get(own.size() - 1));
            }
        }
        return trainings;
    }

    /**
     * Sets how a model was trained, and writes its card.
     *
     * @param base what it stands on, or began with; null where it began with random weights
     * @param below the adapters between the base and itself
     * @param own its training
     */
    public static void writeTraining(Path folder, @Nullable Path base, List<Path> below, JsonNode own)
            throws IOException {
        ObjectNode json = read(folder);
        List<JsonNode> trainings = new ArrayList<>();
        if (base != null) {
            json.set(BASE_CARD, baseCard(base));
            trainings.addAll(history(base, below));
        }
        trainings.add(own);
        json.putArray(TRAINING).addAll(trainings);
        json.remove(RESULTS); // of weights that are no more
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
        ModelCard.write(folder);
    }

    /** What the card of a base says that holds for all that is made of it: its licence and its languages. */
    private static ObjectNode baseCard(Path base) throws IOException {
        JsonNode recorded = Files.isDirectory(base) ? read(base).path(BASE_CARD) : HubApi.JSON.missingNode();
        return recorded instanceof ObjectNode object && !object.isEmpty()
                ? object
                : FrontMatter.licenceAndLanguage(ModelCard.read(base));
    }

    /** The training that a model itself has had; missing where its record says nothing of it. */
    public static JsonNode lastTraining(Path folder) {
        JsonNode trainings = read(folder).path(TRAINING);
        return trainings.path(trainings.size() - 1);
    }

    /** Sets the results of a model, and writes its card anew; nothing where they are there already. */
    public static void writeResults(Path folder, List<Result> results) throws IOException {
        ObjectNode json = read(folder);
        JsonNode before = json.path(RESULTS);
        ArrayNode list = json.putArray(RESULTS);
        for (Result result : results) {
            ObjectNode entry = list.addObject();
            entry.put("task", result.task()).put("type", result.type()).put("dataset", result.dataset());
            entry.put("metric", result.metric()).put("score", result.score());
            if (Double.isFinite(result.low()) && Double.isFinite(result.high())) {
                entry.putArray("interval_95").add(result.low()).add(result.high());
            }
        }
        if (before.equals(list)) {
            return;
        }
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
        ModelCard.write(folder);
    }

    /** Takes the trainings and results of a model along to what is made of it without further training. */
    public static void copy(Path base, List<Path> adapters, Path last, Path target) throws IOException {
        ObjectNode json = read(target);
        List<JsonNode> trainings = history(base, adapters);
        if (!trainings.isEmpty()) {
            json.putArray(TRAINING).addAll(trainings);
        }
        json.set(BASE_CARD, baseCard(base));
        JsonNode results = read(last).path(RESULTS);
        if (!results.isEmpty()) {
            json.set(RESULTS, results);
        }
        AtomicFiles.writeString(target.resolve(FILE), json.toPrettyString() + "\n");
    }

    /** What is recorded in a folder; an empty object where nothing is. */
    static ObjectNode read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.isRegularFile(file) && CachedRepo.json(file) instanceof ObjectNode object
                    ? object
                    : HubApi.JSON.createObjectNode();
        } catch (IOException e) {
            throw new BadCheckpointException(file, "cannot be read: " + e.getMessage(), e);
        }
    }
}
