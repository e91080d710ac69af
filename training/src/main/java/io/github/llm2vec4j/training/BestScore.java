package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The best score on held-out data so far: it keeps the weights that had it, and says when there is nothing more to come,
 * as the Hugging Face Trainer with its EarlyStoppingCallback. The score before the first step does not count, nor one that
 * is not finite.
 */
final class BestScore implements AutoCloseable {
    private final List<Parameter> parameters;
    private final Rule rule;
    private final List<Tensor> kept = new ArrayList<>();
    private double score;
    private long step;
    private int stale;

    /**
     * @param metric name of the score, as {@code eval_loss}
     * @param greater whether more is better
     * @param keepsWeights whether the weights of the best score become those of the run
     * @param patience scorings in a row without progress that end the run, or 0 for never
     * @param threshold by which a score must be better to be progress
     */
    record Rule(String metric, boolean greater, boolean keepsWeights, int patience, double threshold) {}

    BestScore(List<Parameter> parameters, Rule rule) {
        this.parameters = parameters;
        this.rule = rule;
        if (rule.keepsWeights) {
            try (Scope scope = Scope.open()) {
                parameters.forEach(
                        parameter -> kept.add(parameter.value().copy().keep()));
            }
        }
    }

    /**
     * Takes in the scores after a step, with the weights as they were scored.
     *
     * @throws ConfigException if the metric is not among them
     */
    void hear(long scoredStep, Map<String, Double> scores) {
        Double found = scores.get(rule.metric);
        if (found == null) {
            throw new ConfigException("metric_for_best_model: there is no score '" + rule.metric + "': "
                    + (scores.isEmpty()
                            ? "nothing is held out: set eval_file"
                            : "expected one of " + String.join(", ", scores.keySet())));
        }
        if (scoredStep == 0) {
            return;
        }
        boolean better = Double.isFinite(found) && (step == 0 || (rule.greater ? found > score : found < score));
        boolean progress = better && (step == 0 || Math.abs(found - score) > rule.threshold);
        stale = progress ? 0 : stale + 1;
        if (better) {
            score = found;
            step = scoredStep;
            keepWeights();
        }
    }

    private void keepWeights() {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            for (int i = 0; i < kept.size(); i++) {
                kept.get(i).copyInPlace(parameters.get(i).value());
            }
        }
    }

    /** Whether the run has waited long enough. */
    boolean exhausted() {
        return rule.patience > 0 && stale >= rule.patience;
    }

    /** Puts the weights of the best score in place, if they were kept; returns whether they were. */
    boolean restoreWeights() {
        if (kept.isEmpty() || step == 0) {
            return false;
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            for (int i = 0; i < kept.size(); i++) {
                parameters.get(i).value().copyInPlace(kept.get(i));
            }
        }
        return true;
    }

    /** The kept weights by name, for a checkpoint; none where they are not kept. */
    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (int i = 0; i < kept.size(); i++) {
            state.put(parameters.get(i).name(), kept.get(i));
        }
        return state;
    }

    /** The rest of what a checkpoint needs. */
    ObjectNode toJson() {
        return new JsonMapper()
                .createObjectNode()
                .put("metric", rule.metric)
                .put("score", score)
                .put("step", step)
                .put("scorings_without_progress", stale);
    }

    /** Goes on from {@link #toJson}. */
    void read(JsonNode json) {
        score = json.path("score").asDouble();
        step = json.path("step").asLong();
        stale = json.path("scorings_without_progress").asInt();
    }

    @Override
    public void close() {
        kept.forEach(Tensor::close);
    }
}
