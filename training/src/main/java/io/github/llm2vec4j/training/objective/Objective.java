package io.github.llm2vec4j.training.objective;

import java.util.Map;

/** What a training run learns. */
public interface Objective {

    /** Steps until every row has been seen once. */
    int stepsPerEpoch();

    /**
     * Computes one step's loss and leaves its gradients in the replicas. What is computed is a pure function of the
     * seed and the step.
     *
     * @param step counted from 0
     */
    StepResult step(long step, Replicas replicas);

    /** The scores on held-out data, by name ({@code eval_loss} among them); empty where nothing is held out. */
    Map<String, Double> evaluate(Replicas replicas);

    /**
     * What one step gave.
     *
     * @param loss the mean loss of the batch
     * @param tokens tokens that the model saw, without padding
     */
    record StepResult(double loss, long tokens) {}
}
