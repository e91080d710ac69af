package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a trained model beats one before it on a task that it is meant for.
 *
 * @param task the task's name
 * @param model the trained model
 * @param against the model before it
 * @param score of the trained model, main metric
 * @param before of the other
 * @param chance the paired test of the two, or null where their items are not known
 */
record Finding(
        String task,
        String model,
        String against,
        double score,
        double before,
        @Nullable Comparison chance) {
    /** Differences below one point in a hundred are called none. */
    static final double NOTICEABLE = 0.01;

    enum Verdict {
        BETTER("better", "▲"),
        SAME("same", "≈"),
        WORSE("worse", "▼");

        private final String word;
        private final String sign;

        Verdict(String word, String sign) {
            this.word = word;
            this.sign = sign;
        }

        String word() {
            return word;
        }

        String sign() {
            return sign;
        }
    }

    double difference() {
        return score - before;
    }

    /** None, too, where chance may give the difference. */
    Verdict verdict() {
        return chance != null && !chance.significant() ? Verdict.SAME : verdict(difference());
    }

    static Verdict verdict(double difference) {
        if (difference >= NOTICEABLE) {
            return Verdict.BETTER;
        }
        return difference <= -NOTICEABLE ? Verdict.WORSE : Verdict.SAME;
    }

    /** Every comparison that the models name, by task, then in the order of the models. */
    static List<Finding> of(Report report) {
        List<Finding> findings = new ArrayList<>();
        for (ReportTask task : report.tasks()) {
            for (ReportModel model : report.models()) {
                if (model.meantFor() != task.level()) {
                    continue;
                }
                for (String against : model.comparedWith()) {
                    Optional<Double> score = mainScore(report, model.name(), task.name());
                    Optional<Double> before = mainScore(report, against, task.name());
                    if (score.isPresent() && before.isPresent()) {
                        findings.add(new Finding(
                                task.name(),
                                model.name(),
                                against,
                                score.get(),
                                before.get(),
                                chance(report, model.name(), against, task.name())));
                    }
                }
            }
        }
        return findings;
    }

    private static @Nullable Comparison chance(Report report, String model, String against, String task) {
        return report.result(model, task)
                .flatMap(own -> report.result(against, task).map(own::against))
                .orElse(null);
    }

    static Optional<Double> mainScore(Report report, String model, String task) {
        return report.result(model, task).map(result -> result.mainScore()).filter(score -> !score.isNaN());
    }
}
