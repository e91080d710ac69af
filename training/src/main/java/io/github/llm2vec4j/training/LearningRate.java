package io.github.llm2vec4j.training;

import java.util.Locale;

/**
 * The learning rate at each step: it rises linearly over the warm-up, then follows the schedule to the last step.
 *
 * @param peak the rate after warm-up
 * @param warmupSteps steps of rising
 * @param decaySteps the step at which the schedule ends, which need not be reached
 */
record LearningRate(double peak, long warmupSteps, long decaySteps, Schedule schedule) {

    /** The course after warm-up. */
    enum Schedule {
        LINEAR,
        COSINE,
        CONSTANT;

        static Schedule of(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "linear" -> LINEAR;
                case "cosine" -> COSINE;
                case "constant", "constant_with_warmup" -> CONSTANT;
                default ->
                    throw new IllegalArgumentException(
                            "'" + name + "' is not supported: expected linear, cosine or constant_with_warmup");
            };
        }
    }

    /** The rate for a step, counted from 0. */
    double at(long step) {
        if (step < warmupSteps) {
            return peak * step / Math.max(1, warmupSteps);
        }
        double left = Math.max(0, (double) (decaySteps - step) / Math.max(1, decaySteps - warmupSteps));
        return switch (schedule) {
            case LINEAR -> peak * left;
            case COSINE -> peak * 0.5 * (1 + Math.cos(Math.PI * (1 - left)));
            case CONSTANT -> peak;
        };
    }
}
