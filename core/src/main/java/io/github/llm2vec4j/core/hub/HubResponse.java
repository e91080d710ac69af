package io.github.llm2vec4j.core.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An answer whose body is still to be read. One that falls silent while it is read ends with an error. */
final class HubResponse implements AutoCloseable {
    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hub-clock");
        thread.setDaemon(true);
        return thread;
    });

    private final int status;
    private final HttpHeaders headers;
    private final URI uri;
    private final InputStream body;
    private final Duration silence;
    private final ScheduledFuture<?> watch;
    private volatile long lastHeard = System.nanoTime();
    private volatile boolean reading;
    private volatile boolean silent;

    /** @param uri where the answer came from, after redirects */
    HubResponse(int status, HttpHeaders headers, URI uri, InputStream body, Duration silence) {
        this.status = status;
        this.headers = headers;
        this.uri = uri;
        this.body = body;
        this.silence = silence;
        long often = Math.max(1, silence.toMillis() / 4);
        this.watch = CLOCK.scheduleWithFixedDelay(this::listen, often, often, TimeUnit.MILLISECONDS);
    }

    private void listen() {
        if (reading && System.nanoTime() - lastHeard > silence.toNanos()) {
            silent = true;
            close();
        }
    }

    int status() {
        return status;
    }

    URI uri() {
        return uri;
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    @Nullable
    String header(String name) {
        return headers.firstValue(name).orElse(null);
    }

    /** Some bytes; -1 at the end. */
    int read(byte[] buffer, int most) throws IOException {
        lastHeard = System.nanoTime(); // how long the reader took in between does not count
        reading = true;
        try {
            int n = body.read(buffer, 0, Math.min(most, buffer.length));
            if (n < 0 && silent) {
                throw silence();
            }
            return n;
        } catch (IOException e) {
            throw silent ? silence() : e;
        } finally {
            reading = false;
        }
    }

    private IOException silence() {
        return new HttpTimeoutException("nothing was heard for " + silence.toSeconds() + " s");
    }

    /** The whole body, which may not be larger. */
    byte[] bytes(int most) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 14];
        for (int n = read(buffer, buffer.length); n >= 0; n = read(buffer, buffer.length)) {
            all.write(buffer, 0, n);
            if (all.size() > most) {
                throw new IOException("the answer is longer than " + HubProgress.size(most));
            }
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        watch.cancel(false);
        try {
            body.close();
        } catch (IOException e) {
            // It is not read any more.
        }
    }
}
