package io.github.llm2vec4j.training;

import java.util.Map;

/** Hears of what happens in a run: progress bars, logs and checkpoints are listeners. */
public interface TrainingListener {

    /** The run begins or goes on. {@code step} steps are done of {@code steps}. */
    default void started(long step, long steps) {}

    /** A step has ended. */
    default void stepEnded(Step step) {}

    /** The held-out data was scored after {@code step} steps. */
    default void evaluated(long step, Map<String, Double> scores) {}

    /** All that belongs to a step is done, the scoring after it too. */
    default void stepClosed(long step) {}

    /** The run has ended after {@code step} steps, at its end or because it was asked to stop. */
    default void ended(long step) {}

    /**
     * One step.
     *
     * @param number steps done, this one included
     * @param steps steps of the whole run
     * @param gradientNorm before clipping
     * @param tokens seen in this step, without padding
     * @param seconds that the step took
     */
    record Step(
            long number,
            long steps,
            double loss,
            double gradientNorm,
            double learningRate,
            long tokens,
            double seconds) {}
}
