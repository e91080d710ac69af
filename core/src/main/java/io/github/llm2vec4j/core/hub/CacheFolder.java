package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where files are kept that can be made again: unpacked models, tokenizers, checksums. */
public final class CacheFolder {
    private CacheFolder() {}

    /** LLM2VEC_CACHE, or a folder in the user's cache, or a temporary one where the home cannot be written. */
    public static Path get() throws IOException {
        String set = System.getenv("LLM2VEC_CACHE");
        if (set != null && !set.isBlank()) {
            return Files.createDirectories(Path.of(set));
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        Path folder = base.resolve("llm2vec4j");
        try {
            Files.createDirectories(folder);
            if (Files.isWritable(folder)) {
                return folder;
            }
        } catch (IOException e) {
            // A home that cannot be written: fall through to the temporary folder.
        }
        return Files.createDirectories(
                Path.of(System.getProperty("java.io.tmpdir"), "llm2vec4j-" + System.getProperty("user.name")));
    }
}
