package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.result.TaskResult;

/** The figures of a report as JSON: keys in snake case, scores from 0 to 1, what is not a number is null. */
final class ReportJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .build();

    private static final int ERRORS_SHOWN = 10;

    private ReportJson() {}

    static ObjectNode of(Report report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("run", run(report.run()));
        json.put("summary", Summary.of(report).plain());
        json.set("models", JSON.valueToTree(report.models()));
        json.set("tasks", JSON.valueToTree(report.tasks()));
        json.set("table", ResultTable.ofMainMetrics(report.results()).toJson());
        ArrayNode results = json.putArray("results");
        for (ModelResult model : report.results()) {
            for (TaskResult result : model.results()) {
                results.add(result.toJson(ERRORS_SHOWN).put("row", model.model()));
            }
        }
        ArrayNode findings = json.putArray("findings");
        for (Finding finding : Finding.of(report)) {
            ObjectNode node = JSON.valueToTree(finding);
            findings.add(node.put("difference", finding.difference())
                    .put("verdict", finding.verdict().word()));
        }
        json.set("skipped", JSON.valueToTree(report.skipped()));
        ArrayNode curves = json.putArray("curves");
        report.curves().forEach(curve -> curves.add(curve(curve)));
        EmbeddingMap map = report.map();
        if (map != null) {
            ObjectNode node = JSON.valueToTree(map);
            json.set("map", node.put("same_topic_by_chance", map.sameTopicByChance()));
        }
        if (report.neighbours() != null) {
            json.set("neighbours", JSON.valueToTree(report.neighbours()));
        }
        json.set("facts", JSON.valueToTree(report.facts()));
        if (!report.tables().isEmpty()) {
            json.set("tables", JSON.valueToTree(report.tables()));
        }
        return json;
    }

    static ObjectNode run(RunInfo run) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("recipe", run.recipe())
                .put("base_model", run.baseModel())
                .put("started", run.started().toString())
                .put("seconds", run.duration().toMillis() / 1000.0)
                .put("command", run.command());
    }

    /** Records as they are, with keys in snake case. */
    static JsonNode tree(Object records) {
        return JSON.valueToTree(records);
    }

    /** {@code {"stage", "training": {"steps", "losses", "smoothed"}, "held_out": [{"step", score…}]}}. */
    private static ObjectNode curve(LossCurve curve) {
        ObjectNode node = JSON.createObjectNode().put("stage", curve.stage());
        ObjectNode training = node.putObject("training");
        ArrayNode steps = training.putArray("steps");
        ArrayNode losses = training.putArray("losses");
        ArrayNode smoothed = training.putArray("smoothed");
        for (LossCurve.Point point : curve.training()) {
            steps.add(point.step());
            losses.add(number(point.loss()));
        }
        for (double value : curve.smoothed()) {
            smoothed.add(number(value));
        }
        ArrayNode heldOut = node.putArray("held_out");
        for (LossCurve.HeldOut scoring : curve.heldOut()) {
            ObjectNode scores = heldOut.addObject().put("step", scoring.step());
            scoring.scores().forEach((name, value) -> scores.set(name, number(value)));
        }
        return node;
    }

    /** A number, or null for what JSON cannot say. */
    static JsonNode number(double value) {
        return Double.isFinite(value)
                ? JsonNodeFactory.instance.numberNode(value)
                : JsonNodeFactory.instance.nullNode();
    }
}
