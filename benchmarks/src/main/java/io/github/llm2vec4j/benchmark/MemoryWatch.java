package io.github.llm2vec4j.benchmark;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at the memory of this process ten times a second and keeps the most of each figure. */
final class MemoryWatch implements AutoCloseable {
    private static final long EVERY_MILLIS = 100;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "memory-watch");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable ResidentMemory most;

    MemoryWatch() {
        timer.scheduleAtFixedRate(this::most, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The most since the watch began, or null where the system does not tell. */
    synchronized @Nullable ResidentMemory most() {
        ResidentMemory now = ResidentMemory.now();
        ResidentMemory before = most;
        most = now == null || before == null ? now : before.orMore(now);
        return most;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
