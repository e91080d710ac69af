package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps others from fetching the same content meanwhile: threads of this process, and other processes by a lock on the
 * file that the Python package locks too. Locks of the two do not see each other on every system; then both fetch, and
 * the later replaces the earlier by the same bytes.
 */
final class BlobLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BlobLock.class);
    private static final Map<Path, ReentrantLock> HERE = new ConcurrentHashMap<>();

    private final ReentrantLock here;
    private final FileChannel channel;

    private BlobLock(ReentrantLock here, FileChannel channel) {
        this.here = here;
        this.channel = channel;
    }

    static BlobLock take(Path file) throws IOException {
        ReentrantLock here = HERE.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
        here.lock();
        try {
            Files.createDirectories(file.getParent());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    LOG.info("waiting for another process that is fetching {}", file.getFileName());
                    channel.lock();
                }
            } catch (IOException e) {
                LOG.debug("{}: cannot be locked, going on without: {}", file, e.getMessage());
            }
            return new BlobLock(here, channel);
        } catch (IOException | RuntimeException e) {
            here.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            here.unlock();
        }
    }
}
