package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.report.RunProgress;
import io.github.llm2vec4j.training.TrainingListener;
import java.time.Duration;
import java.util.Map;

/** Notes how far a training is and how fast it goes. */
final class StageWatch implements TrainingListener {
    private final String name;
    private final Runnable changed;
    private long first;
    private long step;
    private long steps;
    private long tokens;
    private double seconds;

    /** @param changed called after each step and each scoring */
    StageWatch(String name, Runnable changed) {
        this.name = name;
        this.changed = changed;
    }

    @Override
    public void started(long done, long all) {
        first = done;
        step = done;
        steps = all;
        changed.run();
    }

    @Override
    public void stepEnded(Step ended) {
        step = ended.number();
        tokens += ended.tokens();
        seconds += ended.seconds();
        changed.run();
    }

    @Override
    public void evaluated(long at, Map<String, Double> scores) {
        changed.run();
    }

    boolean hasStarted() {
        return steps > 0;
    }

    RunProgress.Stage stage(RunProgress.State state) {
        boolean runs = state == RunProgress.State.RUNNING && step > first;
        Duration left = runs ? Duration.ofSeconds(Math.round(seconds / (step - first) * (steps - step))) : null;
        return new RunProgress.Stage(name, state, step, steps, seconds > 0 ? tokens / seconds : 0, left);
    }
}
