package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Checkpoint;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * The SHA-256 of the weights of a model or an adapter. That of a large file is remembered in the cache until the file's
 * size or time changes, since reading a large model takes minutes.
 */
public final class ModelDigest {
    private static final long REMEMBERED_FROM_BYTES = 64L << 20;

    private ModelDigest() {}

    /**
     * The checksum of one weights file, or of the list of checksums and names where there are several: what {@code
     * sha256sum} prints for them in the order of their names.
     *
     * @param model a model folder, an adapter folder, or a weights file
     * @throws BadCheckpointException if there are no weights
     */
    public static String of(Path model) {
        try {
            List<Path> files = files(model);
            if (files.size() == 1) {
                return ofFile(files.get(0));
            }
            StringBuilder list = new StringBuilder();
            for (Path file : files) {
                list.append(ofFile(file))
                        .append("  ")
                        .append(file.getFileName())
                        .append('\n');
            }
            return Sha256.ofText(list.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(model + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<Path> files(Path model) {
        if (Files.isRegularFile(model)) {
            return List.of(model);
        }
        Path adapter = model.resolve("adapter_model.safetensors");
        if (Files.isRegularFile(adapter) && !Files.exists(model.resolve("model.safetensors"))) {
            return List.of(adapter);
        }
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            return checkpoint.files();
        }
    }

    private static String ofFile(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.size() < REMEMBERED_FROM_BYTES) {
            return Sha256.ofFile(file);
        }
        String state = file.toRealPath() + "\n" + attributes.size() + "\n" + attributes.lastModifiedTime() + "\n"
                + attributes.fileKey();
        Path note = CacheFolder.get().resolve("sha256").resolve(Sha256.ofText(state));
        if (Files.isRegularFile(note)) {
            String known = Files.readString(note).strip();
            if (known.matches("[0-9a-f]{64}")) {
                return known;
            }
        }
        String digest = Sha256.ofFile(file);
        AtomicFiles.writeString(note, digest + "\n");
        return digest;
    }
}
