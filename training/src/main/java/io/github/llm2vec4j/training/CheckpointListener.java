package io.github.llm2vec4j.training;

import java.util.function.Supplier;

/** Saves a checkpoint every so many steps, and when the run ends or is asked to stop. */
final class CheckpointListener implements TrainingListener {
    private final RunCheckpoint checkpoints;
    private final long every;
    private final Supplier<Trainer> trainer;
    private long saved = -1;

    CheckpointListener(RunCheckpoint checkpoints, long every, Supplier<Trainer> trainer) {
        this.checkpoints = checkpoints;
        this.every = every;
        this.trainer = trainer;
    }

    @Override
    public void started(long step, long steps) {
        saved = step;
    }

    @Override
    public void stepClosed(long step) {
        if (every > 0 && step % every == 0) {
            save(step);
        }
    }

    @Override
    public void ended(long step) {
        save(step);
    }

    private void save(long step) {
        if (step != saved) {
            checkpoints.save(trainer.get());
            saved = step;
        }
    }
}
