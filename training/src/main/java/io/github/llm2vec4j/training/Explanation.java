package io.github.llm2vec4j.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** What a run would do, as text. */
record Explanation(
        StageKind kind,
        StageConfig config,
        Map<String, Long> counts,
        int stepsPerEpoch,
        Trainer.Plan plan,
        MemoryEstimate memory) {

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("stage " + kind + ", from " + config.source());
        lines.add("");
        lines.add("settings");
        for (StageConfig.Resolved setting : config.resolved()) {
            lines.add(String.format(Locale.ROOT, "  %-28s %s (%s)", setting.key(), setting.value(), setting.origin()));
        }
        if (!config.ignored().isEmpty()) {
            lines.add("  without meaning here: " + String.join(", ", new TreeSet<>(config.ignored())));
        }
        lines.add("");
        lines.add("data");
        counts.forEach((name, count) -> lines.add(String.format(Locale.ROOT, "  %-28s %,d", name, count)));
        lines.add("");
        lines.add("steps");
        lines.add(String.format(Locale.ROOT, "  %-28s %,d", "in an epoch", stepsPerEpoch));
        lines.add(String.format(Locale.ROOT, "  %-28s %,d", "in the run", plan.steps()));
        lines.add("");
        lines.add("learning rate");
        for (long step : shownSteps()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-28s %.3g",
                    "step " + step,
                    plan.learningRate().at(step - 1)));
        }
        lines.add("");
        lines.add("memory, about");
        lines.add(megabytes("weights", memory.weights())
                + String.format(Locale.ROOT, " (%,d parameters)", memory.parameters()));
        lines.add(megabytes("training state", memory.training())
                + String.format(Locale.ROOT, " (%,d trained)", memory.trainedParameters()));
        lines.add(megabytes("activations, at most", memory.activations()));
        lines.add(megabytes("together, without the Java heap", memory.total()));
        return lines;
    }

    /** The first step, the end of warm-up, the quarters, the last: counted from 1. */
    private TreeSet<Long> shownSteps() {
        TreeSet<Long> steps = new TreeSet<>(List.of(1L, plan.steps()));
        for (int quarter = 1; quarter < 4; quarter++) {
            steps.add(Math.max(1, plan.steps() * quarter / 4));
        }
        steps.add(Math.min(plan.steps(), plan.learningRate().warmupSteps() + 1));
        return steps;
    }

    private static String megabytes(String name, long bytes) {
        return String.format(Locale.ROOT, "  %-28s %,d MB", name, Math.max(1, bytes / 1_000_000));
    }
}
