package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Moves several files at a time and several pieces of each. When one fails, the others stop at the next bytes; all have
 * ended when a call returns.
 */
final class Transfers implements AutoCloseable {
    private static final int FILES_AT_ONCE = 4;

    private final ExecutorService files;
    private final ExecutorService pieces;
    private volatile boolean stopped;

    Transfers(int connections) {
        files = pool(Math.min(FILES_AT_ONCE, connections), "hub-file");
        pieces = pool(connections, "hub-piece");
    }

    private static ExecutorService pool(int threads, String name) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Each of these on a thread of its own, which may call {@link #pieces}. */
    void files(List<Callable<Void>> tasks) throws IOException {
        run(files, tasks);
    }

    void pieces(List<Callable<Void>> tasks) throws IOException {
        run(pieces, tasks);
    }

    /** Throws where another transfer has failed, so that this one is of no use. */
    void goOn() throws IOException {
        if (stopped) {
            throw new InterruptedIOException("stopped, since another part failed");
        }
    }

    private void run(ExecutorService pool, List<Callable<Void>> tasks) throws IOException {
        List<Future<Void>> running = new ArrayList<>();
        for (Callable<Void> task : tasks) {
            running.add(pool.submit(() -> {
                goOn();
                try {
                    return task.call();
                } catch (Exception e) {
                    stopped = true;
                    throw e;
                }
            }));
        }
        Throwable first = null;
        for (Future<Void> task : running) {
            Throwable failure = failure(task);
            // What was stopped because of another says nothing.
            if (failure != null && (first == null || first instanceof InterruptedIOException)) {
                first = failure;
            }
        }
        if (first instanceof RuntimeException e) {
            throw e;
        } else if (first instanceof IOException e) {
            throw e;
        } else if (first != null) {
            throw new IllegalStateException(first);
        }
    }

    private @org.jspecify.annotations.Nullable Throwable failure(Future<Void> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    stopped = true; // and wait for what runs to see it
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        files.shutdownNow();
        pieces.shutdownNow();
    }
}
