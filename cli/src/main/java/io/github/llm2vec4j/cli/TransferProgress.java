package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.hub.HubProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the bytes of a transfer: a bar on a terminal, a line every so often elsewhere. */
final class TransferProgress implements HubProgress {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;
    private static final long MEGABYTE = 1_000_000;

    private final PrintStream out;
    private @Nullable ProgressBar bar;
    private String name = "";
    private long bytes;
    private long moved;
    private long start;
    private long lastLine;

    TransferProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void started(String what, int files, long size) {
        name = what;
        bytes = size;
        moved = 0;
        start = System.nanoTime();
        lastLine = start;
        if (System.console() != null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(size)
                    .setUnit(" MB", MEGABYTE)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .continuousUpdate()
                    .build();
        } else {
            out.printf(Locale.ROOT, "%s: %s in %d files%n", what, HubProgress.size(size), files);
        }
    }

    @Override
    public synchronized void moved(long more) {
        moved += more;
        if (bar != null) {
            bar.stepTo(moved);
        } else if (System.nanoTime() - lastLine >= LINE_EVERY_NANOS) {
            lastLine = System.nanoTime();
            line();
        }
    }

    @Override
    public synchronized void ended() {
        if (bar != null) {
            bar.close();
            bar = null;
        } else {
            line();
        }
    }

    private void line() {
        double rate = moved / Math.max((System.nanoTime() - start) * 1e-9, 1e-3);
        Duration left = Duration.ofSeconds(rate > 0 ? (long) ((bytes - moved) / rate) : 0);
        out.printf(
                Locale.ROOT,
                "%s: %s of %s, %s/s, %d:%02d left%n",
                name,
                HubProgress.size(moved),
                HubProgress.size(bytes),
                HubProgress.size((long) rate),
                left.toMinutes(),
                left.toSecondsPart());
    }
}
