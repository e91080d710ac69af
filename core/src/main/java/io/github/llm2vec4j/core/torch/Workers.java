package io.github.llm2vec4j.core.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that compute side by side, each with one intra-op thread unless it is alone with much work. On a CPU this is
 * at least as fast as threads inside the operators, and has no barriers.
 */
public final class Workers implements AutoCloseable {
    private final int count;
    private final ExecutorService pool;
    private final AtomicInteger busy = new AtomicInteger(); // with tasks of mapWide

    public Workers(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("workers: expected at least 1, found " + count);
        }
        this.count = count;
        AtomicInteger number = new AtomicInteger();
        this.pool = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "llm2vec-worker-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** How many are best unless said otherwise: one for each core of this machine, or one for its GPU. */
    public static int usualCount() {
        return Device.current() == Device.CUDA ? 1 : Runtime.getRuntime().availableProcessors();
    }

    public int count() {
        return count;
    }

    /** A piece of work with its index. */
    @FunctionalInterface
    public interface Task<T> {
        T run(int index) throws Exception;
    }

    /**
     * The same for tasks of much work each: where there are fewer than workers, threads inside the operators use the
     * workers that have nothing to do.
     */
    public <T> List<T> mapWide(int n, Task<T> task) {
        return map(n, index -> {
            int running = busy.incrementAndGet();
            try {
                Engine.setIntraOpThreads(Math.max(1, count / Math.max(running, n)));
                return task.run(index);
            } finally {
                Engine.setIntraOpThreads(1);
                busy.decrementAndGet();
            }
        });
    }

    /**
     * Runs tasks 0 … n-1 and returns their results in that order. The first failure is thrown when all have ended; a
     * {@link CancellationException}, by which a task says that it ended because of another's, only where there is no
     * other. Tensors that leave a task must be kept by it.
     */
    public <T> List<T> map(int n, Task<T> task) {
        List<Future<T>> futures = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int index = i;
            futures.add(pool.submit(() -> task.run(index)));
        }
        // Even when interrupted: the tasks compute with tensors that the caller frees as soon as this returns.
        boolean interrupted = false;
        List<T> results = new ArrayList<>(n);
        Throwable failure = null;
        for (int i = 0; i < n; ) {
            try {
                results.add(futures.get(i).get());
                i++;
            } catch (ExecutionException e) {
                if (failure == null || failure instanceof CancellationException) {
                    failure = e.getCause() == null ? e : e.getCause();
                }
                i++;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw asRuntime(failure);
        }
        return results;
    }

    private static RuntimeException asRuntime(Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(cause.getMessage(), cause);
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
