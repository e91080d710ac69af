package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the figures say, in words that follow from them alone.
 *
 * @param run what was run and how long it took
 * @param verdict on which tasks the recipe helped, and where the baseline is ahead
 */
record Summary(String run, List<String> verdict) {

    /** The best encoder meant for a task, beside the decoder it began as. */
    private record Outcome(String task, double best, double before) {
        private Finding.Verdict verdict() {
            return Finding.verdict(best - before);
        }

        private String words() {
            return task + " (" + Figures.score(before) + " → " + Figures.score(best) + ")";
        }
    }

    static Summary of(Report report) {
        RunInfo info = report.run();
        String what = info.recipe().isEmpty()
                ? "The evaluation of " + info.baseModel() + " needed "
                : report.tasks().isEmpty()
                        ? "The training " + info.recipe() + " of " + info.baseModel() + " needed "
                        : "The recipe " + info.recipe() + " took the decoder " + info.baseModel() + " and needed ";
        String run = what + Figures.duration(info.duration()) + ", beginning on " + Figures.when(info.started()) + ".";
        Map<Finding.Verdict, List<String>> outcomes = new EnumMap<>(Finding.Verdict.class);
        List<String> baselineAhead = new ArrayList<>();
        int measured = 0;
        for (ReportTask task : report.tasks()) {
            Optional<Double> best = bestTrained(report, task);
            Optional<Double> before =
                    report.reference().flatMap(model -> Finding.mainScore(report, model.name(), task.name()));
            if (best.isPresent() && before.isPresent()) {
                measured++;
                Outcome outcome = new Outcome(task.label(), best.get(), before.get());
                outcomes.computeIfAbsent(outcome.verdict(), v -> new ArrayList<>())
                        .add(outcome.words());
            }
            baseline(report, task)
                    .filter(score -> best.isPresent() && score > best.get())
                    .ifPresent(score -> baselineAhead.add(task.label() + " (" + Figures.score(score) + ")"));
        }
        List<String> verdict = new ArrayList<>();
        if (measured > 0) {
            List<String> better = outcomes.getOrDefault(Finding.Verdict.BETTER, List.of());
            verdict.add("Against that decoder, read causally, the best encoder meant for the task is better on "
                    + better.size() + " of " + measured + (measured == 1 ? " task" : " tasks") + ending(better));
            add(verdict, "Less than one point apart: ", outcomes.getOrDefault(Finding.Verdict.SAME, List.of()));
            add(verdict, "Worse: ", outcomes.getOrDefault(Finding.Verdict.WORSE, List.of()));
            add(verdict, "The baseline without a language model is ahead of every encoder on: ", baselineAhead);
        }
        return new Summary(run, verdict);
    }

    private static String ending(List<String> tasks) {
        return tasks.isEmpty() ? "." : ": " + String.join(", ", tasks) + ".";
    }

    private static void add(List<String> verdict, String start, List<String> tasks) {
        if (!tasks.isEmpty()) {
            verdict.add(start + String.join(", ", tasks) + ".");
        }
    }

    private static Optional<Double> bestTrained(Report report, ReportTask task) {
        return report.models().stream()
                .filter(model -> model.role() == ReportModel.Role.TRAINED && model.meantFor() == task.level())
                .flatMap(model -> Finding.mainScore(report, model.name(), task.name()).stream())
                .max(Comparator.naturalOrder());
    }

    private static Optional<Double> baseline(Report report, ReportTask task) {
        return report.models().stream()
                .filter(model -> model.role() == ReportModel.Role.BASELINE)
                .flatMap(model -> Finding.mainScore(report, model.name(), task.name()).stream())
                .max(Comparator.naturalOrder());
    }

    String plain() {
        return verdict.isEmpty() ? run : run + " " + String.join(" ", verdict);
    }
}
