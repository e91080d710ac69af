package io.github.llm2vec4j.core.hub;

import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes how a transfer goes on into the log, a line every ten seconds. */
final class LoggedProgress implements HubProgress {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedProgress.class);
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;

    private String what = "";
    private long bytes;
    private long moved;
    private long start;
    private long lastLine;

    @Override
    public synchronized void started(String name, int files, long size) {
        what = name;
        bytes = size;
        moved = 0;
        start = System.nanoTime();
        lastLine = start;
        LOG.info("{}: {} in {} files", what, HubProgress.size(size), files);
    }

    @Override
    public synchronized void moved(long more) {
        moved += more;
        long now = System.nanoTime();
        if (now - lastLine >= LINE_EVERY_NANOS) {
            lastLine = now;
            LOG.info("{}: {}", what, line(moved, bytes, (now - start) * 1e-9));
        }
    }

    @Override
    public synchronized void ended() {
        LOG.info("{}: {}", what, line(moved, bytes, (System.nanoTime() - start) * 1e-9));
    }

    private static String line(long moved, long bytes, double seconds) {
        double rate = moved / Math.max(seconds, 1e-3);
        Duration left = Duration.ofSeconds((long) (rate > 0 ? (bytes - moved) / rate : 0));
        return String.format(
                Locale.ROOT,
                "%s of %s, %s/s, %d:%02d left",
                HubProgress.size(moved),
                HubProgress.size(bytes),
                HubProgress.size((long) rate),
                left.toMinutes(),
                left.toSecondsPart());
    }
}
