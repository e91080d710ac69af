package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.GgufFile;
import io.github.llm2vec4j.core.hub.HubCache;
import io.github.llm2vec4j.core.hub.HubId;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.StoredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a model is made of: a base, and adapters merged into it in order. An adapter folder of ours says so in {@code
 * llm2vec4j.json}, with the checksums of what it stands on, as does the folder of a {@link Tagger}, and any model folder
 * may state its {@link Template} there; an adapter of another making names its base alone, in {@code
 * adapter_config.json}.
 *
 * @param base folder of the base model, or its GGUF file
 * @param adapters adapter folders, in the order in which they were trained
 * @param last the folder whose tokenizer and settings count
 * @param wrapping what a folder of sentence-transformers says of its model, or null where it is no such folder
 */
public record ModelChain(
        Path base, List<Path> adapters, Path last, @Nullable SentenceTransformersFolder wrapping) {
    private static final String FILE = "llm2vec4j.json";

    /**
     * Finds the parts of a model and of further adapters on it.
     *
     * @param further folders, or names on the hub
     * @throws BadCheckpointException if a part is missing, or is another than the one an adapter was trained on
     */
    public static ModelChain resolve(String model, List<Path> further) {
        Path given = ModelFolder.resolve(model);
        SentenceTransformersFolder wrapping =
                SentenceTransformersFolder.is(given) ? SentenceTransformersFolder.read(given) : null;
        Path folder = wrapping == null ? given : wrapping.transformer();
        ModelChain chain =
                isBase(folder) ? new ModelChain(folder, List.of(), settings(folder), null) : ofFolder(folder);
        List<Path> adapters = new ArrayList<>(chain.adapters);
        for (Path adapter : further) {
            adapters.add(ModelFolder.adapter(adapter));
        }
        ModelChain whole = new ModelChain(
                chain.base,
                List.copyOf(adapters),
                further.isEmpty() ? chain.last : adapters.get(adapters.size() - 1),
                further.isEmpty() ? wrapping : null);
        whole.checkDigests();
        return whole;
    }

    /** Those of a GGUF file are beside it. */
    private static Path settings(Path model) {
        Path parent = model.toAbsolutePath().getParent();
        return GgufFile.isGguf(model) && parent != null ? parent : model;
    }

    /**
     * Whether a folder does not stand on another. An adapter may come with its base's config.json, as the published ones
     * do, but not with a base's weights.
     */
    private static boolean isBase(Path folder) {
        return !(isAdapter(folder) || Files.exists(folder.resolve(TaggerConfig.FILE)))
                || Files.exists(folder.resolve("model.safetensors"))
                || Files.exists(folder.resolve("model.safetensors.index.json"));
    }

    private static boolean isAdapter(Path folder) {
        return Files.exists(folder.resolve("adapter_config.json"));
    }

    /** The chain of an adapter, or of a tagger's head, which adds nothing to it. */
    private static ModelChain ofFolder(Path folder) {
        JsonNode ours = json(folder.resolve(FILE));
        String base = ours.hasNonNull("base_model")
                ? ours.path("base_model").asText()
                : LoraConfig.baseModel(json(folder.resolve("adapter_config.json")));
        List<Path> adapters = new ArrayList<>();
        for (JsonNode before : ours.path("adapters_before")) {
            Path near = near(folder, before.asText());
            boolean onHub = !Files.exists(near) && HubId.isModel(before.asText());
            adapters.add(onHub ? ModelFolder.resolve(before.asText()) : near);
        }
        if (isAdapter(folder)) {
            adapters.add(folder);
        }
        Path baseFolder = Files.exists(near(folder, base)) ? near(folder, base) : ModelFolder.resolve(base);
        return new ModelChain(baseFolder, adapters, folder, null);
    }

    /** How the model encodes. */
    public EncoderConfig config() {
        return wrapping == null ? EncoderConfig.read(last) : wrapping.settings();
    }

    /** Whether a token sees those before it alone where nothing else is asked. */
    public boolean causal() {
        return wrapping == null ? json(last.resolve(FILE)).path("causal").asBoolean(false) : wrapping.causal();
    }

    /** The object in a file, or an empty one where the file is missing. */
    private static JsonNode json(Path file) {
        JsonMapper mapper = new JsonMapper();
        if (!Files.isRegularFile(file)) {
            return mapper.createObjectNode();
        }
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        }
    }

    /**
     * The template of the model: that which the last of its folders to have one states in {@code llm2vec4j.json}; else,
     * where a folder names a model for which the reference has a template, that one; else {@link Template#NONE}.
     *
     * @throws BadCheckpointException if a folder states one that is not valid
     */
    public Template template() {
        List<Path> folders = fromLast();
        for (Path folder : folders) {
            JsonNode stated = json(folder.resolve(FILE)).path("template");
            if (!stated.isMissingNode()) {
                try {
                    return Template.of(stated);
                } catch (IllegalArgumentException e) {
                    throw new BadCheckpointException(folder.resolve(FILE), String.valueOf(e.getMessage()), e);
                }
            }
        }
        return folders.stream()
                .flatMap(ModelChain::names)
                .map(Template::named)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(Template.NONE);
    }

    /**
     * The prompts of the last folder to have some.
     *
     * @throws BadCheckpointException if they are not valid
     */
    public Prompts prompts() {
        for (Path folder : fromLast()) {
            JsonNode json = json(folder.resolve(Prompts.FILE));
            if (json.has("prompts")) {
                try {
                    return Prompts.of(json);
                } catch (IllegalArgumentException e) {
                    throw new BadCheckpointException(folder.resolve(Prompts.FILE), String.valueOf(e.getMessage()), e);
                }
            }
        }
        return Prompts.NONE;
    }

    /** All folders, the one whose settings count first. */
    private List<Path> fromLast() {
        List<Path> folders = new ArrayList<>(adapters);
        folders.add(0, base);
        folders.add(last);
        if (wrapping != null) {
            folders.add(wrapping.root());
        }
        Collections.reverse(folders);
        return folders;
    }

    /** The tokens that the base can tell apart by position, where its configuration says so. */
    int maxPositions() {
        try (StoredModel stored = StoredModel.open(base)) {
            int stated = stored.json().path("max_position_embeddings").asInt(0);
            return stated > 0 ? stated : Integer.MAX_VALUE;
        }
    }

    /**
     * The name by which the reference chooses a template: that on the hub, or else that in the config.json of the folder
     * it was given.
     */
    String nameOrPath() {
        Path folder = Files.isRegularFile(last.resolve("config.json")) ? last : base;
        String onHub = HubCache.modelOf(folder);
        return onHub.isEmpty()
                ? json(folder.resolve("config.json")).path("_name_or_path").asText()
                : onHub;
    }

    /** The names on the hub by which a folder calls the model it was made from. */
    private static Stream<String> names(Path folder) {
        return Stream.of(
                HubCache.modelOf(folder),
                json(folder.resolve("config.json")).path("_name_or_path").asText(),
                json(folder.resolve("adapter_config.json"))
                        .path("base_model_name_or_path")
                        .asText());
    }

    private static Path near(Path folder, String relative) {
        return folder.resolve(relative).normalize();
    }

    /** Holds each adapter's record of what it stands on against what it stands on here. */
    private void checkDigests() {
        Map<Path, String> digests = new HashMap<>();
        for (int i = 0; i < adapters.size(); i++) {
            checkDigests(digests, adapters.get(i).resolve(FILE), adapters.subList(0, i));
        }
        if (!adapters.contains(last)) { // a tagger's head, which stands on all of them
            checkDigests(digests, last.resolve(FILE), adapters);
        }
    }

    private void checkDigests(Map<Path, String> digests, Path record, List<Path> below) {
        JsonNode recorded =
                Files.isRegularFile(record) ? json(record).path("sha256") : new JsonMapper().createObjectNode();
        if (!recorded.isObject() || recorded.isEmpty()) {
            return; // written before checksums were, or of another making
        }
        check(digests, record, "base model", base, recorded.path("base_model").asText());
        JsonNode before = recorded.path("adapters_before");
        if (before.size() != below.size()) {
            throw new BadCheckpointException(
                    record,
                    "the adapter was trained on " + before.size() + " others, here it is on " + below.size()
                            + ": give the adapters in the order in which they were trained, each once");
        }
        for (int j = 0; j < below.size(); j++) {
            check(digests, record, "adapter", below.get(j), before.path(j).asText());
        }
    }

    private static void check(Map<Path, String> digests, Path record, String what, Path part, String expected) {
        String found = digests.computeIfAbsent(part, ModelDigest::of);
        if (!found.equals(expected)) {
            throw new BadCheckpointException(
                    record,
                    "was trained on another " + what + " than " + part + ": the weights there have sha256 " + found
                            + ", recorded is " + expected + "; give the right one, or, where the difference is meant,"
                            + " remove \"sha256\" from this file");
        }
    }

    /** The folder that holds the tokenizer: the last adapter's, or the base where that has none. */
    public Path tokenizerFolder() {
        return Files.exists(last.resolve("tokenizer.json")) ? last : base;
    }

    /**
     * Writes beside an adapter what it stands on, by paths relative to its folder or names on the hub, and with the
     * checksums of that.
     *
     * @param before the adapters merged into the base before, in order
     */
    public static void write(Path folder, String baseModel, List<Path> before) throws IOException {
        write(folder, baseModel, before, Template.NONE, false);
    }

    /** The same, with the template with which it was trained, and whether attention was causal then. */
    public static void write(Path folder, String baseModel, List<Path> before, Template template, boolean causal)
            throws IOException {
        write(folder, folder, baseModel, before, template, causal);
    }

    /** The same for a folder that will be renamed to {@code home}, from which the paths lead. */
    static void write(Path folder, Path home, String baseModel, List<Path> before, Template template, boolean causal)
            throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("base_model", relative(home, baseModel));
        ObjectNode digests = new JsonMapper().createObjectNode();
        Path base = Path.of(baseModel);
        digests.put("base_model", ModelDigest.of(Files.exists(base) ? base : ModelFolder.resolve(baseModel)));
        var paths = json.putArray("adapters_before");
        var sums = digests.putArray("adapters_before");
        for (Path adapter : before) {
            paths.add(relative(home, adapter.toString()));
            sums.add(ModelDigest.of(adapter));
        }
        json.set("sha256", digests);
        if (!template.equals(Template.NONE)) {
            json.set("template", template.toJson());
        }
        if (causal) {
            json.put("causal", true);
        }
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }

    /** Writes into a folder of merged weights what was merged. */
    void writeMerged(Path folder) throws IOException {
        ObjectNode merged = new JsonMapper().createObjectNode();
        merged.set("base_model", part(base));
        var parts = merged.putArray("adapters");
        adapters.forEach(adapter -> parts.add(part(adapter)));
        ObjectNode json = new JsonMapper().createObjectNode();
        json.set("merged", merged);
        if (!template().equals(Template.NONE)) {
            json.set("template", template().toJson());
        }
        AtomicFiles.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
    }

    private static ObjectNode part(Path model) {
        ObjectNode part = new JsonMapper().createObjectNode();
        String onHub = HubCache.modelOf(model);
        part.put(
                "name",
                onHub.isEmpty()
                        ? String.valueOf(model.toAbsolutePath().normalize().getFileName())
                        : onHub);
        part.put("sha256", ModelDigest.of(model));
        return part;
    }

    /** The name on the hub of what comes from there; the path from a folder to what is here. */
    private static String relative(Path folder, String name) {
        if (!Files.exists(Path.of(name))) {
            return name;
        }
        String onHub = HubCache.pinned(Path.of(name));
        if (!onHub.isEmpty()) {
            return onHub;
        }
        Path from = folder.toAbsolutePath().normalize();
        Path to = Path.of(name).toAbsolutePath().normalize();
        return from.relativize(to).toString().replace('\\', '/');
    }
}
