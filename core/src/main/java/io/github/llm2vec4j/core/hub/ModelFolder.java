package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Finds the folder of a model. A name is a local folder, or {@code embedded:NAME} for a model that a jar on the class
 * path carries, which is unpacked once into the user's cache so that its weights can be memory-mapped.
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

    private ModelFolder() {}

    /**
     * The folder of a model.
     *
     * @throws BadCheckpointException if there is none of that name
     */
    public static Path resolve(String name) {
        if (name.startsWith(EMBEDDED)) {
            return embedded(name.substring(EMBEDDED.length()));
        }
        Path folder = Path.of(name);
        if (!Files.isDirectory(folder)) {
            throw new BadCheckpointException(
                    folder, "no such model folder: give a folder with config.json, or embedded:hebrew-mini");
        }
        return folder;
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
