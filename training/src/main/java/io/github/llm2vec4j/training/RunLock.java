package io.github.llm2vec4j.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second run out of an output folder, be it of this process or of another. The lock goes with the process,
 * however it ends; the file that is left behind holds nobody up. A run that is refused before it has begun leaves
 * neither the file nor the folder, if they are new.
 */
final class RunLock implements AutoCloseable {
    /** The file that is locked. */
    static final String FILE = ".lock";

    /**
     * The folders that runs of this process hold. The system's locks belong to the process: opening and closing the
     * file of a held lock a second time would give it up.
     */
    private static final Set<Path> HELD = new HashSet<>();

    private final Path folder;
    private final FileChannel channel;
    private final List<Path> made;
    private boolean kept;

    private RunLock(Path folder, FileChannel channel, List<Path> made) {
        this.folder = folder;
        this.channel = channel;
        this.made = made;
    }

    /**
     * Makes the folder, if need be, and locks it.
     *
     * @throws TrainingException if another run holds it, or nothing can be written there
     */
    static RunLock on(Path folder) {
        List<Path> made = new ArrayList<>();
        for (Path path = folder.toAbsolutePath(); path != null && !Files.exists(path); path = path.getParent()) {
            made.add(path);
        }
        makeFolder(folder);
        try {
            return lock(folder.toRealPath(), made);
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    /**
     * Makes a folder of a run, where there is none.
     *
     * @throws TrainingException if it cannot be made
     */
    static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw new TrainingException(
                    folder + ": expected a folder, but " + e.getFile() + " is a file; give another output_dir", e);
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    private static TrainingException cannotWrite(Path folder, IOException e) {
        return new TrainingException(
                folder + ": cannot be written (" + reason(e) + "); make it writable, or give another output_dir", e);
    }

    private static RunLock lock(Path folder, List<Path> made) throws IOException {
        Path file = folder.resolve(FILE);
        synchronized (HELD) {
            if (HELD.contains(folder)) {
                throw held(folder, String.valueOf(ProcessHandle.current().pid()));
            }
            if (!Files.exists(file)) {
                made.add(0, file);
            }
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                @Nullable FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw held(folder, read(channel));
                }
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(
                        String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            HELD.add(folder);
            return new RunLock(folder, channel, made);
        }
    }

    private static TrainingException held(Path folder, String process) {
        return new TrainingException(folder + ": another run (process " + process
                + ") is writing here; wait for its end, or give another output_dir");
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
    }

    /** What the system said of a failure, in words. */
    private static String reason(IOException e) {
        String said = e instanceof java.nio.file.FileSystemException system ? system.getReason() : e.getMessage();
        return said == null ? e.getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", " ") : said;
    }

    /** Whether no run has held the folder before. */
    boolean isFirst() {
        return made.contains(folder.resolve(FILE));
    }

    /** The run begins: what was made for it stays. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            try {
                if (!kept) {
                    removeMade();
                }
            } finally {
                channel.close();
                HELD.remove(folder);
            }
        }
    }

    private void removeMade() throws IOException {
        try {
            for (Path path : made) {
                Files.deleteIfExists(path);
            }
        } catch (DirectoryNotEmptyException e) {
            // Somebody else has put something there.
        }
    }
}
