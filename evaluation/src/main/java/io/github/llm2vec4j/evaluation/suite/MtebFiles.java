package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Results as the Python package mteb keeps them and reads them, format 2: {@code MODEL/REVISION/TASK.json} and {@code
 * model_meta.json} beside. Tasks keep the names that they have here, since data is often a part of MTEB's; the key {@code
 * mteb_task} then names MTEB's. A task of the hub that is scored whole has MTEB's revision, split and subset.
 */
public final class MtebFiles {
    private static final JsonMapper JSON = new JsonMapper();

    /** Our metric to MTEB's name of the same figure; others are called alike. */
    private static final Map<String, String> METRICS = Map.of(
            "macro_f1", "f1",
            "average_precision", "cosine_ap",
            "best_accuracy", "cosine_accuracy",
            "best_f1", "cosine_f1",
            "mrr", "mrr_at_1000",
            "map", "map_at_1000");

    private static final TaskCard UNKNOWN = new TaskCard(null, "", List.of("heb-Hebr"), Map.of(), null);

    private MtebFiles() {}

    /**
     * Writes the results of one model below a folder.
     *
     * @param revision what tells this model's weights from others of its name
     */
    public static void write(Path folder, ModelResult model, String revision, Suite suite) throws IOException {
        String name = "llm2vec4j/" + model.model().replaceAll("[^A-Za-z0-9._-]+", "-");
        Path place = folder.resolve(name.replace("/", "__")).resolve(revision);
        Map<String, TaskCard> cards = TaskCard.all();
        Map<String, String> data = suite.tasks().stream()
                .collect(Collectors.toMap(
                        task -> task.name(),
                        task -> Sha256.ofText(task.toString()).substring(0, 12)));
        for (TaskResult result : model.results()) {
            TaskCard card = cards.getOrDefault(result.task(), UNKNOWN);
            AtomicFiles.writeString(
                    place.resolve(result.task() + ".json"),
                    of(result, card, data.getOrDefault(result.task(), "unknown"))
                                    .toPrettyString() + "\n");
        }
        AtomicFiles.writeString(
                place.resolve("model_meta.json"), meta(name, revision).toPrettyString() + "\n");
    }

    static ObjectNode of(TaskResult result, TaskCard card, String dataRevision) {
        ObjectNode json = JSON.createObjectNode();
        HubData hub = card.hub();
        boolean whole = hub != null && hub.items() == result.test();
        json.put("dataset_revision", whole ? hub.revision() : dataRevision);
        json.put("task_name", result.task());
        json.put("mteb_version", "2.0.0");
        ObjectNode scores = json.putObject("scores")
                .putArray(hub == null ? "test" : hub.split())
                .addObject();
        Map<String, Double> named = new LinkedHashMap<>();
        result.scores().forEach((metric, value) -> named.put(METRICS.getOrDefault(metric, metric), value));
        named.forEach((metric, value) -> scores.set(metric, number(value)));
        scores.set("main_score", number(result.mainScore()));
        Interval interval = result.interval();
        if (interval != null) {
            scores.putArray("main_score_95").add(number(interval.low())).add(number(interval.high()));
        }
        result.runs().forEach((metric, values) -> {
            ArrayNode array = scores.putArray(METRICS.getOrDefault(metric, metric) + "_by_seed");
            values.forEach(array::add);
        });
        scores.put("hf_subset", hub == null ? "default" : hub.subset());
        ArrayNode languages = scores.putArray("languages");
        card.languages().forEach(languages::add);
        json.putNull("evaluation_time");
        json.putNull("kg_co2_emissions");
        json.put("mteb_task", card.mteb());
        return json;
    }

    private static com.fasterxml.jackson.databind.JsonNode number(double value) {
        return Double.isFinite(value)
                ? JSON.getNodeFactory().numberNode(value)
                : JSON.getNodeFactory().nullNode();
    }

    /** What mteb asks to know of a model; what is not known is null. */
    private static ObjectNode meta(String name, String revision) {
        ObjectNode json = JSON.createObjectNode();
        json.putNull("loader");
        json.put("name", name);
        json.put("revision", revision);
        for (String unknown : List.of(
                "release_date",
                "n_parameters",
                "memory_usage_mb",
                "max_tokens",
                "embed_dim",
                "license",
                "open_weights",
                "public_training_code",
                "public_training_data",
                "use_instructions",
                "training_datasets")) {
            json.putNull(unknown);
        }
        json.putArray("languages").add("heb-Hebr");
        json.putArray("framework");
        json.put("similarity_fn_name", "cosine");
        return json;
    }
}
