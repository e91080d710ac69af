package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The page of a model, {@code README.md}: what it is, how it is used, how it was made, what it scores; no more than what
 * the files of its folder say. Its head is the YAML that the hub reads.
 */
public final class ModelCard {
    static final String FILE = "README.md";

    private static final int MOST_BYTES = 1 << 20;

    /** A card without this line is somebody's own. */
    private static final String MARK =
            "<!-- Made by llm2vec4j of the files beside it. Remove this line to keep what you write here. -->";

    private final Path folder;
    private final String name;
    private final boolean sentences;
    private final boolean encoder;
    private final boolean tagger;
    private final boolean adapter;
    private final JsonNode record;

    /** @param name by which the model is loaded */
    ModelCard(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        sentences = Files.exists(folder.resolve("modules.json"));
        encoder = sentences || Files.exists(folder.resolve("llm2vec_config.json"));
        tagger = Files.exists(folder.resolve("tagger.json"));
        adapter = Files.exists(folder.resolve("adapter_config.json"));
        record = ModelRecord.read(folder);
    }

    /** Writes the card of a folder, unless somebody has written one there. */
    public static void write(Path folder) throws IOException {
        write(folder, String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
    }

    /** The same under another name than the folder's. */
    public static void write(Path folder, String name) throws IOException {
        if (isOurs(folder)) {
            AtomicFiles.writeString(folder.resolve(FILE), new ModelCard(folder, name).text());
        }
    }

    /** Whether there is no card yet, or one that is made of the files beside it. */
    static boolean isOurs(Path folder) throws IOException {
        return !Files.exists(folder.resolve(FILE)) || read(folder).contains(MARK);
    }

    /** The beginning of the card of a folder, whatever wrote it; empty where there is none. */
    static String read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }

    String text() throws IOException {
        StringBuilder card = new StringBuilder(FrontMatter.of(head()));
        card.append('\n').append(MARK).append("\n\n");
        card.append("# ")
                .append(MarkdownText.plain(name))
                .append("\n\n")
                .append(what())
                .append("\n\n");
        files(card);
        CardUsage.append(card, name, sentences, tagger, adapter, encoder, base(), !before().isEmpty());
        CardTraining.append(card, record.path("training"));
        results(card);
        if (record.path("training").isEmpty()) {
            card.append("What it was trained on has yet to be said here.\n\n");
        }
        if (!record.path("base_card").has("license")) {
            card.append("Under which licence it may be used has yet to be said here.\n");
        }
        return card.toString().stripTrailing() + "\n";
    }

    /** The name of the base on the hub, without a revision; empty where it is a folder of somebody's machine. */
    private String base() throws IOException {
        String merged = record.path("merged").path("base_model").path("name").asText("");
        String stated = record.path("base_model").asText(value("adapter_config.json", "base_model_name_or_path"));
        String base = (merged.isEmpty() ? stated : merged).replaceFirst("@.*", "");
        return HubId.isModel(base) && !base.startsWith("..") ? base : "";
    }

    private JsonNode before() {
        return record.path("adapters_before");
    }

    private ObjectNode head() throws IOException {
        ObjectNode head = HubApi.JSON.createObjectNode();
        record.path("base_card").properties().forEach(entry -> head.set(entry.getKey(), entry.getValue()));
        if (!head.has("language")) {
            Set<String> languages = new LinkedHashSet<>();
            record.path("training")
                    .forEach(training -> languages.add(training.path("language").asText("")));
            languages.remove("");
            languages.forEach(head.withArray("language")::add);
        }
        if (head.path("language").isEmpty()) {
            head.remove("language");
        }
        head.put("library_name", sentences ? "sentence-transformers" : adapter ? "peft" : "transformers");
        head.put(
                "pipeline_tag",
                tagger
                        ? "token-classification"
                        : sentences ? "sentence-similarity" : encoder ? "feature-extraction" : "text-generation");
        String base = base();
        if (!base.isEmpty()) {
            head.put("base_model", base);
            head.put("base_model_relation", adapter ? "adapter" : "finetune");
        }
        if (encoder) {
            head.putArray("tags").add("llm2vec").add("text-embedding").add("feature-extraction");
        }
        Set<String> datasets = new LinkedHashSet<>();
        for (JsonNode training : record.path("training")) {
            for (JsonNode data : training.path("data")) {
                datasets.add(data.path("dataset").asText(""));
            }
        }
        datasets.removeIf(id -> !HubId.isModel(id));
        if (!datasets.isEmpty()) {
            datasets.forEach(head.putArray("datasets")::add);
        }
        index(head);
        return head;
    }

    /** The results in the form that the hub shows beside a model. */
    private void index(ObjectNode head) {
        JsonNode results = record.path("results");
        if (results.isEmpty()) {
            return;
        }
        ObjectNode model = head.putArray("model-index").addObject();
        model.put("name", name.substring(name.lastIndexOf('/') + 1));
        ArrayNode list = model.putArray("results");
        for (JsonNode result : results) {
            ObjectNode entry = list.addObject();
            entry.putObject("task").put("type", result.path("type").asText());
            entry.putObject("dataset")
                    .put("name", result.path("task").asText())
                    .put("type", result.path("dataset").asText());
            ObjectNode metric = entry.putArray("metrics").addObject();
            metric.put("type", result.path("metric").asText());
            metric.put("value", result.path("score").asDouble());
            JsonNode interval = result.path("interval_95");
            if (!interval.isEmpty()) {
                metric.put("name", result.path("metric").asText() + ", 95 % interval " + interval(interval));
            }
        }
    }

    private static String interval(JsonNode interval) {
        return figure(interval.path(0)) + " to " + figure(interval.path(1));
    }

    private static String figure(JsonNode value) {
        return String.format(Locale.ROOT, "%.4f", value.asDouble());
    }

    private String what() {
        if (tagger) {
            return "A tagger of words on a decoder-only language model, after"
                    + " [LLM2Vec](https://arxiv.org/abs/2404.05961), with llm2vec4j.";
        }
        return encoder
                ? "A text encoder made from a decoder-only language model after"
                        + " [LLM2Vec](https://arxiv.org/abs/2404.05961), with llm2vec4j."
                : "A model trained with llm2vec4j.";
    }

    private void files(StringBuilder card) throws IOException {
        String base = base();
        String shown = base.isEmpty() ? record.path("base_model").asText("") : base;
        JsonNode merged = record.path("merged");
        JsonNode sums = record.path("sha256");
        if (!shown.isEmpty()) {
            String what = adapter ? "- An adapter (LoRA) for " : "- Stands on ";
            card.append(what).append(MarkdownText.code(local(shown))).append(sum(sums.path("base_model")));
        }
        for (int i = 0; i < before().size(); i++) {
            card.append("- The adapter ")
                    .append(MarkdownText.code(local(before().path(i).asText())))
                    .append(" is merged into that first")
                    .append(sum(sums.path("adapters_before").path(i)));
        }
        if (!merged.isMissingNode()) {
            JsonNode from = merged.path("base_model");
            card.append("- Made of ")
                    .append(MarkdownText.code(from.path("name").asText()))
                    .append(sum(from.path("sha256")));
            for (JsonNode part : merged.path("adapters")) {
                card.append("- The adapter ")
                        .append(MarkdownText.code(part.path("name").asText()))
                        .append(" is merged into it")
                        .append(sum(part.path("sha256")));
            }
        }
        String pooling = value("llm2vec_config.json", "pooling_mode");
        if (!pooling.isEmpty()) {
            card.append("- Pooling: ").append(MarkdownText.plain(pooling)).append('\n');
        }
        if (encoder) {
            boolean causal = tagger && value("tagger.json", "bidirectional").equals("false");
            card.append(causal ? "- Attention to earlier tokens alone\n" : "- Attention in both directions\n");
        }
        card.append('\n');
    }

    /** The last part of a path: where it lay is nobody's business. */
    private static String local(String nameOrPath) {
        return HubId.isModel(nameOrPath) && !nameOrPath.startsWith(".")
                ? nameOrPath
                : nameOrPath.replaceFirst(".*[/\\\\]", "");
    }

    private static String sum(JsonNode sha256) {
        return sha256.isTextual() ? ", weights with sha256 " + MarkdownText.code(sha256.asText()) + "\n" : "\n";
    }

    private void results(StringBuilder card) {
        JsonNode results = record.path("results");
        if (results.isEmpty()) {
            return;
        }
        card.append("## Results\n\n");
        if (record.has("merged")) {
            card.append("Measured before the adapters were merged.\n\n");
        }
        card.append("| task | metric | score | 95 % interval |\n| --- | --- | --- | --- |\n");
        for (JsonNode result : results) {
            JsonNode interval = result.path("interval_95");
            card.append("| ")
                    .append(MarkdownText.plain(result.path("task").asText()))
                    .append(" | ")
                    .append(MarkdownText.plain(result.path("metric").asText()))
                    .append(" | ")
                    .append(figure(result.path("score")))
                    .append(" | ")
                    .append(interval.isEmpty() ? "" : interval(interval))
                    .append(" |\n");
        }
        card.append('\n');
    }

    private String value(String file, String key) throws IOException {
        Path path = folder.resolve(file);
        JsonNode json = Files.exists(path) ? CachedRepo.json(path) : HubApi.JSON.createObjectNode();
        return json.path(key).asText("");
    }
}
