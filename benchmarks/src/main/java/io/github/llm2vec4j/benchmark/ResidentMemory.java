package io.github.llm2vec4j.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of this process, in bytes, as Linux counts it.
 *
 * @param peak the most that was resident at any time
 * @param anonymous what is resident and belongs to no file
 * @param mapped what is resident of mapped files, which the system can take back and read again
 */
public record ResidentMemory(long peak, long anonymous, long mapped) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** That of now, or null where the system does not tell. */
    public static @Nullable ResidentMemory now() {
        try {
            return Files.exists(STATUS) ? of(Files.readAllLines(STATUS)) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(STATUS + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** From lines such as {@code VmHWM: 1024 kB}. */
    static ResidentMemory of(List<String> status) {
        Map<String, Long> bytes = new HashMap<>();
        for (String line : status) {
            if (line.endsWith(" kB")) {
                String[] parts = line.split("[:\\s]+");
                bytes.put(parts[0], Long.parseLong(parts[1]) * 1024);
            }
        }
        return new ResidentMemory(
                bytes.getOrDefault("VmHWM", 0L), bytes.getOrDefault("RssAnon", 0L), bytes.getOrDefault("RssFile", 0L));
    }

    /** The larger of each figure. */
    ResidentMemory orMore(ResidentMemory other) {
        return new ResidentMemory(
                Math.max(peak, other.peak), Math.max(anonymous, other.anonymous), Math.max(mapped, other.mapped));
    }
}
