package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.training.TrainingListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the steps of a training: a bar on a terminal, a line every so often elsewhere. */
final class ConsoleProgress implements TrainingListener {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;

    private final String name;
    private final PrintStream out;
    private @Nullable ProgressBar bar;
    private long lastLine;
    private long tokens;
    private double seconds;

    ConsoleProgress(String name, PrintStream out) {
        this.name = name;
        this.out = out;
    }

    @Override
    public void started(long step, long steps) {
        lastLine = System.nanoTime();
        if (System.console() != null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax(steps)
                    .startsFrom(step, Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .continuousUpdate()
                    .build();
        } else {
            out.printf(Locale.ROOT, "%s: step %d of %d%n", name, step, steps);
        }
    }

    @Override
    public void stepEnded(Step step) {
        tokens += step.tokens();
        seconds += step.seconds();
        String rate = String.format(Locale.ROOT, "loss %.4f, %.0f tokens/s", step.loss(), tokens / seconds);
        if (bar != null) {
            bar.stepTo(step.number());
            bar.setExtraMessage(rate);
        } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS || step.number() == step.steps()) {
            lastLine = System.nanoTime();
            Duration left =
                    Duration.ofSeconds((long) (seconds / Math.max(1, step.number()) * (step.steps() - step.number())));
            out.printf(
                    Locale.ROOT,
                    "%s: step %d of %d, %s, %d:%02d left%n",
                    name,
                    step.number(),
                    step.steps(),
                    rate,
                    left.toMinutes(),
                    left.toSecondsPart());
        }
    }

    @Override
    public void evaluated(long step, Map<String, Double> scores) {
        if (bar == null && !scores.isEmpty()) {
            StringBuilder line = new StringBuilder(name + ": step " + step);
            scores.forEach((key, value) -> line.append(String.format(Locale.ROOT, ", %s %.4f", key, value)));
            out.println(line);
        }
    }

    @Override
    public void ended(long step) {
        if (bar != null) {
            bar.close();
        }
    }
}
