package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A model folder as others will get it: with what they need, with nothing else, and standing on nothing they lack. */
final class PushedFolder {
    /** The code that an export for sentence-transformers carries. */
    private static final String TRANSFORMER = "llm2vec_transformer.py";

    private final Path folder;

    PushedFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * What is to be uploaded: settings, tokenizer, weights and the model card, which is made where there is none of somebody's own.
     *
     * @throws BadCheckpointException if it is no model folder, or stands on a folder of this machine
     */
    List<PushedFile> files(HubId id) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new BadCheckpointException(folder, "no such model folder");
        }
        Set<String> there = new TreeSet<>();
        try (Stream<Path> walk = Files.walk(folder, 2)) {
            walk.filter(Files::isRegularFile)
                    .forEach(
                            path -> there.add(folder.relativize(path).toString().replace('\\', '/')));
        }
        if (!there.contains("config.json")
                && !there.contains("adapter_config.json")
                && !there.contains("modules.json")) {
            throw new BadCheckpointException(folder, "has no config.json and no adapter_config.json: it is no model");
        }
        checkBase();
        Set<String> needed =
                new TreeSet<>(new NeededFiles(id, there, path -> CachedRepo.json(folder.resolve(path))).ofModel());
        if (there.contains("modules.json") && there.contains(TRANSFORMER)) {
            needed.add(TRANSFORMER);
        }
        if (needed.stream().noneMatch(path -> path.endsWith(".safetensors") || path.endsWith(".gguf"))) {
            throw new BadCheckpointException(folder, "has no weights to upload");
        }
        List<PushedFile> files = new ArrayList<>();
        for (String path : needed) {
            files.add(PushedFile.of(path, folder.resolve(path)));
        }
        if (ModelCard.isOurs(folder)) {
            byte[] card = new ModelCard(folder, id.name()).text().getBytes(StandardCharsets.UTF_8);
            files.removeIf(file -> file.path().equals(ModelCard.FILE));
            files.add(PushedFile.of(ModelCard.FILE, card));
        }
        return files;
    }

    /** An adapter is of use to those who can have its base. */
    private void checkBase() throws IOException {
        Path own = folder.resolve("llm2vec4j.json");
        JsonNode ours = Files.exists(own) ? CachedRepo.json(own) : HubApi.JSON.createObjectNode();
        if (!ours.path("adapters_before").isEmpty()) {
            throw new BadCheckpointException(
                    folder,
                    "was trained on the adapter "
                            + ours.path("adapters_before").path(0).asText()
                            + ", which is not uploaded with it: export it with --format merged or peft, and upload that");
        }
        Path config = folder.resolve("adapter_config.json");
        if (Files.exists(config) && !Files.exists(folder.resolve("config.json"))) {
            String base =
                    CachedRepo.json(config).path("base_model_name_or_path").asText();
            String stated = ours.path("base_model").asText(base);
            boolean named = HubId.isModel(base) && HubId.isModel(stated);
            if (!named || Files.exists(Path.of(base)) || Files.exists(Path.of(stated))) {
                throw new BadCheckpointException(
                        folder,
                        "is an adapter for '" + base + "', which is not a name on the hub: export it with --format"
                                + " merged, and upload that");
            }
        }
    }
}
