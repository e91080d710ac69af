package io.github.llm2vec4j.core.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files and folders that appear under their name whole or not at all. */
public final class AtomicFiles {
    private static final String TEMPORARY = ".tmp-";
    private static final AtomicLong NUMBER = new AtomicLong();

    private AtomicFiles() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Fills a folder. */
    @FunctionalInterface
    public interface Filling {
        void fill(Path folder) throws IOException;
    }

    /** Writes beside the target, forces it to disk, then renames it into place. */
    public static void write(Path target, Content content) throws IOException {
        try (PendingFile pending = PendingFile.beside(target)) {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(pending.path()), 1 << 16)) {
                content.writeTo(out);
            }
            pending.commit();
        }
    }

    public static void writeString(Path target, String text) throws IOException {
        write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Fills a new folder beside the target, forces it to disk, then renames it into place; a folder that was there is
     * moved aside for that, and deleted once the new one is in its place.
     */
    public static void writeFolder(Path target, Filling filling) throws IOException {
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        Path temporary = temporary(absolute);
        Path aside = temporary.resolveSibling(temporary.getFileName() + "-old");
        try {
            Files.createDirectory(temporary);
            filling.fill(temporary);
            forceTree(temporary);
            boolean replaces = Files.exists(absolute, LinkOption.NOFOLLOW_LINKS);
            if (replaces) {
                Files.move(absolute, aside, StandardCopyOption.ATOMIC_MOVE);
            }
            try {
                Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (replaces) {
                    Files.move(aside, absolute, StandardCopyOption.ATOMIC_MOVE);
                }
                throw e;
            }
            forceFolder(absolute.getParent());
            deleteTree(aside);
        } finally {
            deleteTree(temporary);
        }
    }

    private static void forceTree(Path root) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = walk.toList();
        }
        for (Path path : all) {
            if (Files.isDirectory(path)) {
                forceFolder(path);
            } else {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
    }

    /** Forces the names in a folder to disk, on systems where a folder can be opened for that. */
    static void forceFolder(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows cannot open a folder; there the rename itself is written through.
        }
    }

    /** Deletes a file or a folder with all that is in it; links are removed, not followed. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    /**
     * Deletes what writers that were killed have left half-written in a folder. Nobody may be writing there.
     */
    public static void deleteLeftovers(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> leftovers;
        try (Stream<Path> children = Files.list(folder)) {
            leftovers = children.filter(path -> path.getFileName().toString().startsWith(TEMPORARY))
                    .toList();
        }
        for (Path leftover : leftovers) {
            deleteTree(leftover);
        }
    }

    static Path temporary(Path target) {
        return target.resolveSibling(TEMPORARY + target.getFileName() + "-"
                + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet());
    }
}
