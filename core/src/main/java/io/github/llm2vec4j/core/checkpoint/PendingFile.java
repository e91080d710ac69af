package io.github.llm2vec4j.core.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that is being written beside its target, and takes the target's name when it is whole. One that is closed before
 * that is deleted.
 */
public final class PendingFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;

    private PendingFile(Path target) {
        this.target = target;
        this.temporary = AtomicFiles.temporary(target);
    }

    /** Makes the target's folder, where there is none, but no file yet. */
    public static PendingFile beside(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        return new PendingFile(absolute);
    }

    /** Where to write. */
    public Path path() {
        return temporary;
    }

    /** Forces what was written to disk, then renames it into place. */
    public void commit() throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        AtomicFiles.forceFolder(target.getParent());
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
    }
}
