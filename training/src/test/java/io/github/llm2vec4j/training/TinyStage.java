package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A stage of eight steps on the tiny model of the fixtures (hidden 32, 2 layers) and generated texts, with two workers
 * and every dropout on.
 */
final class TinyStage {
    static final long STEPS = 8;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String[] WORDS = {
        "river", "stone", "light", "under", "green", "walks", "seven", "house", "never", "bread", "שלום", "ספר", "מים"
    };

    final StageKind kind;
    final Path folder;
    private final ObjectNode settings;

    /**
     * @param folder that holds the texts and, each in a folder of its own, the outputs
     */
    TinyStage(StageKind kind, Path folder) throws IOException {
        this.kind = kind;
        this.folder = folder;
        this.settings = settings(kind, folder);
    }

    private static ObjectNode settings(StageKind kind, Path folder) throws IOException {
        Path model = Golden.OWN.file("models/mistral");
        ObjectNode json = JSON.createObjectNode();
        json.put("torch_dtype", "float32");
        json.put("workers", 2);
        json.put("max_steps", STEPS);
        json.put("save_steps", 3);
        json.put("micro_batch_size", 2);
        json.put("per_device_train_batch_size", 4);
        json.put("learning_rate", 0.01);
        json.put("warmup_steps", 2);
        json.put("weight_decay", 0.1);
        json.put("train_file", (kind == StageKind.WORD ? taggedWords(folder) : texts(kind, folder)).toString());
        if (kind == StageKind.CLM) {
            json.set("model_config", JSON.readTree(model.resolve("config.json").toFile()));
            json.put("tokenizer_path", model.toString());
            json.put("eval_file", json.get("train_file").asText());
            json.put("eval_steps", 2);
            json.put("max_seq_length", 16);
        } else {
            json.put("model_name_or_path", model.toString());
            json.put("lora_r", 4);
            json.put("lora_dropout", 0.1);
            json.put("max_seq_length", 24);
        }
        if (kind == StageKind.MNTP) {
            json.put("eval_steps", 3);
            json.put("validation_blocks", 4);
        }
        if (kind == StageKind.WORD) {
            json.put("task", "pos_tags");
            json.put("eval_file", json.get("train_file").asText());
            json.put("eval_steps", 3);
        }
        if (kind == StageKind.SIMCSE || kind == StageKind.SUPERVISED) {
            json.put(
                    "peft_model_name_or_path",
                    Golden.OWN.file("adapters/mistral-mntp").toString());
            json.put("gradient_cache", kind == StageKind.SUPERVISED);
        }
        return json;
    }

    /** 40 lines, or rows with a hard negative. */
    private static Path texts(StageKind kind, Path folder) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            if (kind == StageKind.SUPERVISED) {
                lines.add(JSON.createObjectNode()
                        .put("query", text(random))
                        .put("positive", text(random))
                        .put("negative", text(random))
                        .toString());
            } else {
                lines.add(text(random));
            }
        }
        Path file = folder.resolve(kind == StageKind.SUPERVISED ? "rows.jsonl" : "lines.txt");
        return Files.write(file, lines);
    }

    /** 40 sentences in columns; the tag of a word follows from the word. */
    private static Path taggedWords(Path folder) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            for (String word : text(random).split(" ")) {
                lines.append(word).append(' ').append(tagOf(word)).append('\n');
            }
            lines.append('\n');
        }
        return Files.writeString(folder.resolve("words.txt"), lines);
    }

    /** Three parts of speech, by the word's length. */
    static String tagOf(String word) {
        return word.length() < 4 ? "SHORT" : word.charAt(0) < 'n' ? "FIRST" : "SECOND";
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3, 9); i > 0; i--) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(i > 1 ? " " : "");
        }
        return text.toString();
    }

    /** Changes a setting; the value is JSON. */
    TinyStage with(String key, String value) {
        try {
            settings.set(key, JSON.readTree(value));
        } catch (IOException e) {
            throw new UncheckedIOException(value, e);
        }
        return this;
    }

    StageConfig config(String output) {
        return StageConfig.of(
                settings.deepCopy().put("output_dir", folder.resolve(output).toString()), "settings");
    }

    /** Writes the settings for an output to a file. */
    Path write(String output) throws IOException {
        return Files.writeString(
                folder.resolve(output + ".json"), config(output).toJson().toString());
    }

    Stage stage(String output, TrainingListener... listeners) {
        return new Stage(kind, config(output), List.of(listeners));
    }

    /** Trains to the end, or goes on to it, and returns the output folder. */
    Path finish(String output) throws IOException {
        assertThat(stage(output).run(true)).isTrue();
        return folder.resolve(output);
    }

    /** Trains, or goes on, and stops after a step as if by Ctrl-C; returns the output folder. */
    Path stopAfter(long step, String output) throws IOException {
        Stage[] stage = new Stage[1];
        stage[0] = stage(output, atStep(step, () -> stage[0].requestStop()));
        assertThat(stage[0].run(true)).isFalse();
        return folder.resolve(output);
    }

    static TrainingListener atStep(long step, Runnable action) {
        return new TrainingListener() {
            @Override
            public void stepEnded(Step ended) {
                if (ended.number() == step) {
                    action.run();
                }
            }
        };
    }

    static Path checkpoint(Path output, long step) {
        return output.resolve("checkpoints").resolve("step-" + step);
    }

    /** The lines of the log without the seconds. */
    static List<JsonNode> log(Path output) {
        List<JsonNode> lines = TrainingLog.read(output.resolve("log.jsonl"));
        lines.forEach(line -> ((ObjectNode) line).remove("seconds"));
        return lines;
    }

    /** Every file under a folder, by its path in it. */
    static Map<String, byte[]> files(Path root) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** Two finished runs are equal: every byte of every file, but for seconds, the output folder's name and the lock. */
    static void assertSameOutput(Path actual, Path expected) throws IOException {
        assertThat(log(actual)).isEqualTo(log(expected));
        assertThat(record(actual)).isEqualTo(record(expected));
        Map<String, byte[]> left = files(actual);
        Map<String, byte[]> right = files(expected);
        assertThat(card(actual)).isEqualTo(card(expected));
        List<String> compared = List.of("log.jsonl", "training.json", "README.md", ".lock");
        compared.forEach(left::remove);
        compared.forEach(right::remove);
        assertThat(left).containsOnlyKeys(right.keySet());
        right.forEach((name, bytes) ->
                assertThat(Arrays.equals(left.get(name), bytes)).as(name).isTrue());
    }

    /** It is titled by its folder, whose hyphens are escaped. */
    private static String card(Path output) throws IOException {
        String name = "(?<=# |\"|--model )" + output.getFileName() + "(?=\\n|\"| )";
        return Files.readString(output.resolve("README.md")).replace("\\-", "-").replaceAll(name, "output");
    }

    private static JsonNode record(Path output) throws IOException {
        JsonNode record = JSON.readTree(output.resolve("training.json").toFile());
        ((ObjectNode) record.path("settings")).remove("output_dir");
        return record;
    }
}
