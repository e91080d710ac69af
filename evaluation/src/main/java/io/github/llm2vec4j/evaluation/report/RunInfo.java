package io.github.llm2vec4j.evaluation.report;

import java.time.Duration;
import java.time.Instant;

/**
 * What was run.
 *
 * @param recipe the recipe's name, or empty where models were evaluated that are there
 * @param baseModel the decoder it began with, as the user named it, or the models evaluated
 * @param started when
 * @param duration of training and evaluation, without the time in which the run was stopped
 * @param command what repeats it
 */
public record RunInfo(String recipe, String baseModel, Instant started, Duration duration, String command) {
    public RunInfo {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("report: expected a duration of at least 0, found " + duration);
        }
    }
}
