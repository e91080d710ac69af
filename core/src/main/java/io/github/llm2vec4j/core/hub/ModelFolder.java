package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.GgufFile;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Finds the folder of a model. A name is a local folder, a GGUF file or a folder with one and no other model; or {@code
 * embedded:NAME} for a model that a jar on the class path carries, which is unpacked once into the user's cache so that
 * its weights can be memory-mapped; or, where there is no such folder, {@code OWNER/NAME} or {@code
 * OWNER/NAME@REVISION} for a model on the hub, which is fetched where it is not in the cache.
 */
public final class ModelFolder {
    private static final String EMBEDDED = "embedded:";
    private static final String RESOURCES = "/llm2vec4j/embedded/";
    private static final List<String> FILES = List.of(
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "llm2vec_config.json",
            "llm2vec4j.json",
            "config_sentence_transformers.json");

    /** What a branch of the hub was at when it was first asked: one process sees one model. */
    private static final Map<String, Path> FROM_HUB = new ConcurrentHashMap<>();

    private ModelFolder() {}

    /**
     * The folder of a model, or its GGUF file.
     *
     * @throws BadCheckpointException if there is none of that name
     * @throws HubException if it could be a model on the hub, and is not to be had there
     */
    public static Path resolve(String name) {
        if (name.startsWith(EMBEDDED)) {
            return embedded(name.substring(EMBEDDED.length()));
        }
        Path folder = Path.of(name);
        if (GgufFile.isGguf(folder)) {
            return folder;
        }
        if (isOfHub(name)) {
            Path known = FROM_HUB.get(name);
            if (known == null) {
                known = fromHub(name);
                FROM_HUB.put(name, known);
            }
            return known;
        }
        if (!Files.isDirectory(folder)) {
            throw new BadCheckpointException(
                    folder,
                    "no such model folder: give a folder with config.json, a .gguf file, OWNER/NAME of a model"
                            + " on the hub, or embedded:hebrew-mini");
        }
        return modelIn(folder);
    }

    /**
     * The folder of an adapter: the one that is given, or where there is none, that of {@code OWNER/NAME} on the hub.
     *
     * @throws BadCheckpointException if there is none of that name
     * @throws HubException if it could be an adapter on the hub, and is not to be had there
     */
    public static Path adapter(Path named) {
        if (Files.isDirectory(named)) {
            return named;
        }
        String name = named.toString().replace('\\', '/');
        if (Files.exists(named) || !HubId.isModel(name)) {
            throw new BadCheckpointException(
                    named,
                    "no such adapter folder: give a folder with adapter_config.json, or OWNER/NAME of an adapter on"
                            + " the hub");
        }
        return resolve(name);
    }

    /** Whether a name is that of a model on the hub, and of no folder here. */
    public static boolean isOfHub(String name) {
        return HubId.isModel(name) && !Files.exists(Path.of(name));
    }

    private static Path modelIn(Path folder) {
        return Stream.of("config.json", "adapter_config.json", "modules.json")
                        .anyMatch(file -> Files.exists(folder.resolve(file)))
                ? folder
                : onlyGguf(folder);
    }

    private static Path fromHub(String name) {
        try {
            return modelIn(new HubClient(HubSettings.fromEnvironment()).pull(HubId.parse(name)));
        } catch (HubException e) {
            throw new HubException(e.kind(), e.getMessage() + " (and " + name + " is no folder here)", e);
        }
    }

    private static Path onlyGguf(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            List<Path> files = list.filter(GgufFile::isGguf).sorted().toList();
            if (files.size() > 1) {
                throw new BadCheckpointException(
                        folder,
                        "holds " + files.size() + " GGUF files: give one of them, such as "
                                + files.get(0).getFileName());
            }
            return files.isEmpty() ? folder : files.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Path embedded(String name) {
        if (!name.matches("[a-z0-9-]+") || resource(name, "config.json") == null) {
            throw new BadCheckpointException(
                    Path.of(EMBEDDED + name),
                    "no such embedded model on the class path; the project's own is embedded:hebrew-mini");
        }
        try {
            String version = Sha256.ofText(checksum(name)).substring(0, 12);
            Path folder = CacheFolder.get().resolve(name + "-" + version);
            for (String file : FILES) {
                unpack(name, file, folder.resolve(file));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    EMBEDDED + name + ": cannot be unpacked: " + e.getMessage()
                            + "; set LLM2VEC_CACHE to a folder that can be written",
                    e);
        }
    }

    /** The checksums that the jar states; they name the unpacked folder, so two versions do not meet. */
    private static String checksum(String name) throws IOException {
        try (InputStream in = resource(name, "SHA256SUMS")) {
            if (in == null) {
                throw new IOException("the jar has no SHA256SUMS");
            }
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static void unpack(String name, String file, Path target) throws IOException {
        if (Files.exists(target)) {
            return;
        }
        try (InputStream in = resource(name, file)) {
            if (in == null) {
                return;
            }
            Files.createDirectories(target.getParent());
            Path temporary = Files.createTempFile(target.getParent(), ".tmp-", "-" + file);
            try {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static java.io.@org.jspecify.annotations.Nullable InputStream resource(String name, String file) {
        return ModelFolder.class.getResourceAsStream(RESOURCES + name + "/" + file);
    }
}
