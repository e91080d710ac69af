package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A recipe of a few steps, on a tiny model and the few texts of {@code embedded:tiny}. */
public final class TinyRecipe {
    /** The steps of each stage. */
    public static final int STEPS = 3;

    /** The stages in their order; each is also the name of the folder of its model. */
    public static final String[] STAGES = {"mntp", "mntp-unsup-simcse", "mntp-supervised"};

    private TinyRecipe() {}

    /** Writes {@code tiny.json} and a copy of the model, {@code model}, into a folder; returns the recipe's file. */
    public static Path write(Path folder) throws IOException {
        Golden.OWN.copy("models/mistral", folder.resolve("model"));
        return write(folder, folder.resolve("model"));
    }

    /** Writes {@code tiny.json} for a given base into a folder. */
    public static Path write(Path folder, Path base) throws IOException {
        return Files.writeString(
                folder.resolve("tiny.json"), """
                {"name": "tiny", "base": "%s", "text": "embedded:tiny", "steps": {
                  "mntp": {"stage": "mntp", "settings": {%s, "eval_steps": 1, "validation_blocks": 2}},
                  "mntp-unsup-simcse": {"stage": "simcse", "after": "mntp", "settings": {%2$s}},
                  "mntp-supervised": {"stage": "supervised", "after": "mntp", "settings": {%2$s}}
                }}
                """.formatted(base.toString().replace('\\', '/'), settings()));
    }

    private static String settings() {
        // The compute type is fixed, since what is the fastest may change while a machine is busy.
        return """
                "max_seq_length": 32, "per_device_train_batch_size": 4, "micro_batch_size": 2, "max_steps": %d,
                "save_steps": 1, "lora_r": 2, "workers": 2, "torch_dtype": "float32" """.formatted(STEPS).strip();
    }

    /** The bytes of every adapter of a run, by stage. */
    public static Map<String, byte[]> adapters(Path run) throws IOException {
        Map<String, byte[]> adapters = new TreeMap<>();
        for (String stage : STAGES) {
            adapters.put(stage, Files.readAllBytes(run.resolve(stage).resolve("adapter_model.safetensors")));
        }
        return adapters;
    }

    /** Every file under a folder, with its size and when it was last written; empty where there is no folder. */
    public static Map<String, String> listing(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.exists(folder)) {
            try (Stream<Path> walk = Files.walk(folder)) {
                walk.forEach(path -> files.put(folder.relativize(path).toString(), state(path)));
            }
        }
        return files;
    }

    private static String state(Path path) {
        try {
            return Files.isDirectory(path) ? "folder" : Files.size(path) + " bytes, " + Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }
}
