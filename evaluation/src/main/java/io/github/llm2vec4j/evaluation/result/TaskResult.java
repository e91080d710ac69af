package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.evaluation.metric.Comparison;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
 * @param evidence what the main score was taken of, or null where that is not known
 * @param runs for a score that is a mean over several seeds, its value with each
 */
public record TaskResult(
        String task,
        String model,
        String mainMetric,
        Map<String, Double> scores,
        int train,
        int test,
        Details details,
        @Nullable Evidence evidence,
        Map<String, List<Double>> runs) {
    private static final double SAME = 1e-6;

    public TaskResult {
        scores = new LinkedHashMap<>(scores);
        runs = runs == null ? Map.of() : new LinkedHashMap<>(runs);
        if (!scores.containsKey(mainMetric)) {
            throw new IllegalArgumentException(
                    "task " + task + ": expected a score " + mainMetric + ", found " + scores.keySet());
        }
        if (train < 0 || test < 1) {
            throw new IllegalArgumentException(
                    "task " + task + ": expected train >= 0 and test >= 1, found " + train + " and " + test);
        }
        Double main = scores.get(mainMetric);
        if (evidence != null && main != null && Math.abs(evidence.score() - main) > SAME) {
            throw new IllegalArgumentException("task " + task + ": expected a " + mainMetric
                    + " that follows from the items, " + evidence.score() + ", found " + main);
        }
    }

    /** A result of which nothing is known but its scores. */
    public TaskResult(
            String task,
            String model,
            String mainMetric,
            Map<String, Double> scores,
            int train,
            int test,
            Details details) {
        this(task, model, mainMetric, scores, train, test, details, null, Map.of());
    }

    /** The same with what the main score was taken of. */
    public TaskResult withEvidence(Statistic statistic, double[][] items) {
        return new TaskResult(
                task, model, mainMetric, scores, train, test, details, new Evidence(statistic, items), runs);
    }

    /** The same with the values of each seed. */
    public TaskResult withRuns(Map<String, List<Double>> values) {
        return new TaskResult(task, model, mainMetric, scores, train, test, details, evidence, values);
    }

    /** The figures alone, where many results are held at once. */
    public TaskResult withoutDetails() {
        Details none = new Details(List.of(), Map.of(), Map.of());
        return new TaskResult(task, model, mainMetric, scores, train, test, none, evidence, runs);
    }

    /** The same under another model's name. */
    public TaskResult named(String other) {
        return new TaskResult(task, other, mainMetric, scores, train, test, details, evidence, runs);
    }

    /** The 95 percent interval of the main score, or null where its items are not known. */
    public @Nullable Interval interval() {
        return evidence == null ? null : evidence.interval();
    }

    /** This model against another on the same task, or null where the items of one are not known or differ. */
    public @Nullable Comparison against(TaskResult other) {
        return evidence == null || other.evidence == null ? null : evidence.against(other.evidence);
    }

    /** The value of the main metric. */
    public double mainScore() {
        Double score = scores.get(mainMetric);
        return score == null ? Double.NaN : score;
    }

    /** The figures, the interval of the main score, the confusion and the first {@code errors} errors, as a JSON object. */
    public ObjectNode toJson(int errors) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("task", task).put("model", model).put("main_metric", mainMetric);
        json.put("main_score", mainScore()).put("train", train).put("test", test);
        ObjectNode scoreNode = json.putObject("scores");
        scores.forEach(scoreNode::put);
        Interval interval = interval();
        if (interval != null) {
            json.putArray("main_score_95").add(interval.low()).add(interval.high());
        }
        runs.forEach((metric, values) -> values.forEach(json.withObject("/runs").withArray("/" + metric)::add));
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
