package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scores of one model on one task.
 *
 * @param task the task's name
 * @param model the model's name; for a baseline, which one it was
 * @param mainMetric the metric shown in tables, a key of {@code scores}
 * @param scores metric to value, higher is better, in the order to show; none is null
 * @param train items trained on (sentences for word tasks), 0 for tasks without training
 * @param test items tested on
 * @param details what lies behind
 */
public record TaskResult(
        String task,
        String model,
        String mainMetric,
        Map<String, Double> scores,
        int train,
        int test,
        Details details) {
    public TaskResult {
        scores = new LinkedHashMap<>(scores);
        if (!scores.containsKey(mainMetric)) {
            throw new IllegalArgumentException(
                    "task " + task + ": expected a score " + mainMetric + ", found " + scores.keySet());
        }
        if (train < 0 || test < 1) {
            throw new IllegalArgumentException(
                    "task " + task + ": expected train >= 0 and test >= 1, found " + train + " and " + test);
        }
    }

    /** The value of the main metric. */
    public double mainScore() {
        Double score = scores.get(mainMetric);
        return score == null ? Double.NaN : score;
    }

    /** The figures, the confusion and the first {@code errors} errors, as a JSON object. */
    public ObjectNode toJson(int errors) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("task", task).put("model", model).put("main_metric", mainMetric);
        json.put("main_score", mainScore()).put("train", train).put("test", test);
        ObjectNode scoreNode = json.putObject("scores");
        scores.forEach(scoreNode::put);
        ObjectNode notes = json.putObject("notes");
        details.notes().forEach(notes::put);
        ObjectNode confusion = json.putObject("confusion");
        details.confusion().forEach((gold, row) -> row.forEach(confusion.putObject(gold)::put));
        var examples = json.putArray("errors");
        for (Outcome outcome : details.errors(errors)) {
            examples.addObject()
                    .put("input", outcome.input())
                    .put("expected", outcome.expected())
                    .put("predicted", outcome.predicted())
                    .put("score", outcome.score());
        }
        return json;
    }
}
