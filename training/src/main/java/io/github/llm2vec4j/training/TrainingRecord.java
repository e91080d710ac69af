package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.ProjectVersion;
import io.github.llm2vec4j.core.hub.HubCache;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.training.data.TestTexts;
import io.github.llm2vec4j.training.data.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model's record says of its own training: the stage, the data by name, length and checksum, the settings, the
 * steps, the last scores, the versions, and how many test texts the data holds. It has no path of this machine.
 *
 * @param log the training log, for the scores
 */
record TrainingRecord(
        StageKind kind,
        StageConfig config,
        long steps,
        String computeType,
        int workers,
        List<TestTexts.Overlap> overlaps,
        Path log) {
    private static final int TEXTS_LOOKED_AT = 1000;

    /** Said elsewhere, by names and checksums. */
    private static final List<String> PLACES = List.of(
            "model_name_or_path",
            "peft_model_name_or_path",
            "peft_addr",
            "cls_addr",
            "tokenizer_path",
            "train_file",
            "eval_file",
            "dataset_file_path",
            "seed");

    ObjectNode toJson() throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("stage", kind.toString());
        data(json.putArray("data"));
        ObjectNode settings = json.putObject("settings");
        for (StageConfig.Resolved setting : config.resolved()) {
            boolean said = PLACES.contains(setting.key()) || RunIdentity.WITHOUT_EFFECT.contains(setting.key());
            boolean empty = setting.value().isNull()
                    || setting.value().isTextual() && setting.value().asText().isEmpty();
            if (!said && !empty) {
                settings.set(setting.key(), setting.value());
            }
        }
        if (isHebrew()) {
            json.put("language", "he");
        }
        json.put("seed", config.integer("seed", 42));
        json.put("steps", steps);
        json.put("compute_type", computeType);
        json.put("workers", workers);
        ObjectNode scores = json.putObject("scores");
        for (JsonNode line : TrainingLog.read(log)) {
            line.properties().forEach(entry -> {
                if (entry.getKey().startsWith("eval_")) {
                    scores.set(entry.getKey(), entry.getValue());
                }
            });
        }
        ObjectNode versions = json.putObject("versions");
        versions.put("llm2vec4j", ProjectVersion.get());
        versions.put("libtorch", ComputeType.engineVersion());
        versions.put("java", System.getProperty("java.version"));
        ArrayNode overlap = json.putArray("overlap");
        for (TestTexts.Overlap found : overlaps) {
            overlap.addObject()
                    .put("set", found.set())
                    .put("texts", found.texts())
                    .put("found", found.found())
                    .put("dropped", StageData.dropsTestTexts(config));
        }
        return json;
    }

    /** Whether most letters of the first texts are Hebrew ones; other scripts do not tell their language. */
    private boolean isHebrew() {
        if (kind == StageKind.WORD) {
            return false; // of tagged words the base says it
        }
        List<String> columns = List.of(
                config.text("text_column", "text"),
                config.text("query_column", "query"),
                config.text("positive_column", "positive"));
        long letters = 0;
        long hebrew = 0;
        Texts.Selection selection = new Texts.Selection(columns, StageData.range(config), 0);
        try (Texts texts = new Texts(selection, StageData.trainSets(config))) {
            for (int i = 0; i < TEXTS_LOOKED_AT && texts.hasNext(); i++) {
                int[] points =
                        texts.next().codePoints().filter(Character::isLetter).toArray();
                letters += points.length;
                hebrew += IntStream.of(points)
                        .filter(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HEBREW)
                        .count();
            }
        }
        return 2 * hebrew > letters;
    }

    private void data(ArrayNode list) throws IOException {
        HubSource hub = HubSource.of(config);
        if (hub != null) {
            ObjectNode entry = list.addObject();
            String part = hub.file() == null ? hub.config() : hub.file();
            entry.put("name", hub.name() + (part == null ? "" : " " + part));
            entry.put("use", "trained on");
            entry.put("bytes", hub.bytes());
            entry.put("of", hub.file() == null ? "sha256 of the names and checksums of its files" : "checksum");
            entry.put("sha256", hub.content());
            entry.put("dataset", hub.name().replaceFirst("@.*", ""));
        }
        for (String key : List.of("train_file", "eval_file", "dataset_file_path")) {
            for (Path file : StageData.files(config, key)) {
                if (Files.isRegularFile(file)) {
                    ObjectNode entry = list.addObject();
                    entry.put("name", file.getFileName().toString());
                    entry.put("use", key.equals("eval_file") ? "held out" : "trained on");
                    entry.put("bytes", Files.size(file));
                    entry.put("of", RunIdentity.isWhole(file) ? "sha256" : "sha256 of its length and pieces");
                    entry.put("sha256", RunIdentity.ofData(file));
                    String dataset = dataset(file);
                    if (!dataset.isEmpty()) {
                        entry.put("dataset", dataset);
                    }
                }
            }
        }
    }

    /** The data set on the hub that a file is from: by the cache that it lies in, or by what the settings say. */
    private String dataset(Path file) {
        String inCache = HubCache.datasetOf(file);
        String named = config.text("dataset_name", "");
        return inCache.isEmpty() && named.contains("/") && HubSource.saysHowToRead(named) ? named : inCache;
    }
}
