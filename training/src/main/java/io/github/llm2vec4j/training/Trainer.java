package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The training loop. All that is not the loop is a listener. */
public final class Trainer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    /** A step without a finite gradient changes nothing; so many of them, one after the other, end the run. */
    static final int MOST_SKIPPED_IN_A_ROW = 5;

    private final Objective objective;
    private final Replicas replicas;
    private final Plan plan;
    private final LearningRate learningRate;
    private final AdamW optimizer;
    private final @Nullable WeightAverage average;
    private final @Nullable BestScore best;
    private final List<TrainingListener> listeners;
    private volatile boolean stopRequested;
    private long step;
    private int skippedInARow;

    /**
     * How long and how fast to train.
     *
     * @param steps steps of the run
     * @param evalEvery steps between two scorings of held-out data, or 0 for none
     * @param maxGradientNorm to which the gradient of all parameters together is cut
     * @param averageDecay of the {@link WeightAverage} that is scored and saved, or 0 for the weights themselves
     * @param best what is kept of the scores and when they end the run, or null for neither
     */
    record Plan(
            long steps,
            long evalEvery,
            double maxGradientNorm,
            LearningRate learningRate,
            AdamW.Settings optimizer,
            double averageDecay,
            BestScore.@Nullable Rule best) {

        Plan(long steps, long evalEvery, double maxGradientNorm, LearningRate learningRate, AdamW.Settings optimizer) {
            this(steps, evalEvery, maxGradientNorm, learningRate, optimizer, 0, null);
        }
    }

    Trainer(Objective objective, Replicas replicas, Plan plan, List<TrainingListener> listeners) {
        this.objective = objective;
        this.replicas = replicas;
        this.plan = plan;
        this.learningRate = plan.learningRate();
        this.optimizer = new AdamW(replicas.parameters(), plan.optimizer());
        this.average = plan.averageDecay() > 0 ? new WeightAverage(replicas.parameters(), plan.averageDecay()) : null;
        this.best = plan.best() == null ? null : new BestScore(replicas.parameters(), plan.best());
        this.listeners = List.copyOf(listeners);
    }

    /** Trains until the run is finished or asked to stop; returns the number of steps that are done. */
    public long run() {
        listeners.forEach(listener -> listener.started(step, plan.steps()));
        if (step == 0) {
            evaluate(); // what later scores are compared with
        }
        while (!isFinished() && !stopRequested) {
            long start = System.nanoTime();
            double rate = learningRate.at(step);
            Objective.StepResult result = objective.step(step, replicas);
            double norm = update(result, rate);
            step++;
            double seconds = (System.nanoTime() - start) * 1e-9;
            TrainingListener.Step ended =
                    new TrainingListener.Step(step, plan.steps(), result.loss(), norm, rate, result.tokens(), seconds);
            listeners.forEach(listener -> listener.stepEnded(ended));
            if (step == plan.steps() || plan.evalEvery() > 0 && step % plan.evalEvery() == 0) {
                evaluate();
            }
            listeners.forEach(listener -> listener.stepClosed(step));
        }
        listeners.forEach(listener -> listener.ended(step));
        return step;
    }

    /** Whether the last step is done, or the scores have made no progress for as long as the plan waits. */
    boolean isFinished() {
        return step >= plan.steps() || best != null && best.exhausted();
    }

    private void evaluate() {
        if (plan.evalEvery() > 0) {
            Map<String, Double> scores = scores();
            listeners.forEach(listener -> listener.evaluated(step, scores));
        }
    }

    private Map<String, Double> scores() {
        swapAverage();
        try {
            Map<String, Double> scores = objective.evaluate(replicas);
            if (best != null) {
                best.hear(step, scores);
            }
            return scores;
        } finally {
            swapAverage();
        }
    }

    private void swapAverage() {
        if (average != null) {
            average.swap();
        }
    }

    /** Puts in place the weights that the run leaves: those of the best score, or the average, or the last. */
    void takeFinalWeights() {
        if (best == null || !best.restoreWeights()) {
            swapAverage();
        }
    }

    /** Changes the weights by the gradients of a step, if there are any and they are finite; returns their norm. */
    private double update(Objective.StepResult result, double rate) {
        if (!replicas.hasGradients()) {
            return 0; // a batch with nothing to predict
        }
        try (Scope scope = Scope.open()) {
            List<Tensor> gradients = replicas.sumGradients();
            double norm = clip(gradients);
            if (Double.isFinite(result.loss()) && Double.isFinite(norm)) {
                optimizer.step(gradients, rate, step + 1, replicas.workers());
                if (average != null) {
                    average.update(step + 1);
                }
                skippedInARow = 0;
            } else {
                skip(result.loss(), norm);
            }
            return norm;
        } finally {
            replicas.clearGradients();
        }
    }

    private void skip(double loss, double norm) {
        skippedInARow++;
        String found = "step " + (step + 1) + ": the loss is " + loss + " and the gradient norm " + norm;
        if (skippedInARow == MOST_SKIPPED_IN_A_ROW) {
            throw new TrainingException(found + ", the " + skippedInARow
                    + "th step in a row without a finite gradient; lower learning_rate, or look at the data, and start"
                    + " afresh: the weights of the last checkpoint are as they were");
        }
        LOG.warn("{}: skipped, the weights stay as they are", found);
    }

    /** Scales all gradients so that their norm together is at most the plan's; returns the norm before. */
    private double clip(List<Tensor> gradients) {
        double sum = 0;
        for (Tensor gradient : gradients) {
            double norm = gradient.norm().item();
            sum += norm * norm;
        }
        double norm = Math.sqrt(sum);
        double factor = plan.maxGradientNorm() / (norm + 1e-6);
        if (factor < 1) {
            gradients.forEach(gradient -> gradient.mulInPlace(factor));
        }
        return norm;
    }

    /** Ends the run after the step that is under way. May be called from any thread. */
    public void requestStop() {
        stopRequested = true;
    }

    /** Steps done so far. */
    public long step() {
        return step;
    }

    List<Parameter> parameters() {
        return replicas.parameters();
    }

    AdamW optimizer() {
        return optimizer;
    }

    @Nullable
    WeightAverage average() {
        return average;
    }

    @Nullable
    BestScore best() {
        return best;
    }

    /** Goes on from a checkpoint after {@code done} steps. */
    void resumeAt(long done) {
        step = done;
    }

    @Override
    public void close() {
        optimizer.close();
        if (average != null) {
            average.close();
        }
        if (best != null) {
            best.close();
        }
    }
}
