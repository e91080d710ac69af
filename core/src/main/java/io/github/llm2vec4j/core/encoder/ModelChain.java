package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.hub.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model is made of: a base, and adapters merged into it in order. An adapter folder of ours says so in {@code
 * llm2vec4j.json}; one of another making names its base alone, in {@code adapter_config.json}.
 *
 * @param base folder of the base model
 * @param adapters adapter folders, in the order in which they were trained
 * @param last the folder whose tokenizer and settings count
 */
public record ModelChain(Path base, List<Path> adapters, Path last) {
    private static final String FILE = "llm2vec4j.json";

    /**
     * Finds the parts of a model and of further adapters on it.
     *
     * @throws BadCheckpointException if a part is missing
     */
    public static ModelChain resolve(String model, List<Path> further) {
        Path folder = ModelFolder.resolve(model);
        ModelChain chain = isAdapter(folder) ? ofAdapter(folder) : new ModelChain(folder, List.of(), folder);
        List<Path> adapters = new ArrayList<>(chain.adapters);
        for (Path adapter : further) {
            if (!Files.isDirectory(adapter)) {
                throw new BadCheckpointException(adapter, "no such adapter folder");
            }
            adapters.add(adapter);
        }
        return new ModelChain(
                chain.base, List.copyOf(adapters), adapters.isEmpty() ? folder : adapters.get(adapters.size() - 1));
    }

    /** An adapter may come with its base's config.json, as the published ones do, but not with a base's weights. */
    private static boolean isAdapter(Path folder) {
        return Files.exists(folder.resolve("adapter_config.json"))
                && !Files.exists(folder.resolve("model.safetensors"))
                && !Files.exists(folder.resolve("model.safetensors.index.json"));
    }

    private static ModelChain ofAdapter(Path folder) {
        Path file = folder.resolve(FILE);
        boolean ours = Files.exists(file);
        Path source = ours ? file : folder.resolve("adapter_config.json");
        try {
            JsonNode json = new JsonMapper().readTree(source.toFile());
            String base =
                    json.path(ours ? "base_model" : "base_model_name_or_path").asText();
            List<Path> adapters = new ArrayList<>();
            for (JsonNode before : json.path("adapters_before")) {
                adapters.add(near(folder, before.asText()));
            }
            adapters.add(folder);
            Path baseFolder = Files.isDirectory(near(folder, base)) ? near(folder, base) : ModelFolder.resolve(base);
            return new ModelChain(baseFolder, adapters, folder);
        } catch (IOException e) {
            throw new BadCheckpointException(source, "is not valid JSON: " + e.getMessage(), e);
        }
    }

    private static Path near(Path folder, String relative) {
        return folder.resolve(relative).normalize();
    }

    /** Writes beside an adapter what it stands on, by paths relative to its folder. */
    public static void write(Path folder, String baseModel, List<Path> before) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("base_model", relative(folder, baseModel));
        for (Path adapter : before) {
            json.withArray("adapters_before").add(relative(folder, adapter.toString()));
        }
        json.withArray("adapters_before");
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }

    private static String relative(Path folder, String name) {
        if (!Files.isDirectory(Path.of(name))) {
            return name;
        }
        Path from = folder.toAbsolutePath().normalize();
        Path to = Path.of(name).toAbsolutePath().normalize();
        return from.relativize(to).toString().replace('\\', '/');
    }
}
