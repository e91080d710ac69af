package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    private static final Report REPORT = SampleReport.report();
    private static JsonNode json;

    @BeforeAll
    static void read() throws Exception {
        json = new JsonMapper().readTree(REPORT.toJson());
    }

    @Test
    void everyScoreIsThere() {
        int at = 0;
        for (ModelResult model : REPORT.results()) {
            for (TaskResult result : model.results()) {
                JsonNode node = json.path("results").path(at++);
                assertThat(node.path("row").asText()).isEqualTo(model.model());
                assertThat(node.path("task").asText()).isEqualTo(result.task());
                assertThat(node.path("test").asInt()).isEqualTo(result.test());
                result.scores()
                        .forEach((metric, score) -> assertThat(
                                        node.path("scores").path(metric).asDouble())
                                .isEqualTo(score));
            }
        }
        assertThat(json.path("results")).hasSize(at);
        assertThat(json.path("table").path("rows").path(2).path("best").path(0).asBoolean())
                .isTrue();
    }

    @Test
    void everyPointOfTheCurvesAndTheMapIsThere() {
        for (int c = 0; c < REPORT.curves().size(); c++) {
            JsonNode training = json.path("curves").path(c).path("training");
            List<LossCurve.Point> points = REPORT.curves().get(c).training();
            assertThat(training.path("steps")).hasSize(points.size());
            assertThat(training.path("losses").path(7).asDouble())
                    .isEqualTo(points.get(7).loss());
            assertThat(json.path("curves")
                            .path(c)
                            .path("held_out")
                            .path(1)
                            .path("accuracy")
                            .asDouble())
                    .isEqualTo(REPORT.curves().get(c).heldOut().get(1).scores().get("accuracy"));
        }
        EmbeddingMap map = java.util.Objects.requireNonNull(REPORT.map());
        JsonNode panel = json.path("map").path("panels").path(3);
        assertThat(json.path("map").path("examples").path(5).path("text").asText())
                .isEqualTo(map.examples().get(5).text());
        assertThat(panel.path("projection").path("points").path(9).path("x").asDouble())
                .isEqualTo(map.panels().get(3).projection().points().get(9).x());
        assertThat(panel.path("same_topic").asDouble())
                .isEqualTo(map.panels().get(3).sameTopic());
    }

    @Test
    void findingsFollowFromTheScores() {
        JsonNode first = json.path("findings").path(0);

        assertThat(first.path("model").asText()).isEqualTo(ReportModel.MNTP);
        assertThat(first.path("against").asText()).isEqualTo(ReportModel.BIDIRECTIONAL);
        assertThat(first.path("difference").asDouble()).isEqualTo(0.9014 - 0.8533);
        assertThat(first.path("verdict").asText()).isEqualTo("better");
        assertThat(json.path("findings"))
                .anySatisfy(
                        finding -> assertThat(finding.path("verdict").asText()).isEqualTo("same"));
    }

    @Test
    void factsNeighboursAndTheRunAreThere() {
        assertThat(json.path("run").path("seconds").asDouble()).isEqualTo(692);
        assertThat(json.path("run").path("started").asText()).isEqualTo("2026-11-24T14:05:00Z");
        assertThat(json.path("facts")
                        .path(0)
                        .path("entries")
                        .path("learning_rate")
                        .asText())
                .isEqualTo("5e-5");
        assertThat(json.path("neighbours").path("queries")).hasSize(4);
        assertThat(json.path("skipped").path(0).path("name").asText()).isEqualTo("similarity");
    }

    @Test
    void whatIsNotANumberIsNullAndAnEmptyReportIsValid() throws Exception {
        LossCurve diverged = new LossCurve("s", List.of(new LossCurve.Point(1, Double.NaN)), List.of());
        Report report = new Report(
                new RunInfo("r", "b", Instant.EPOCH, Duration.ZERO, ""),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(diverged),
                null,
                null,
                List.of());

        JsonNode node = new JsonMapper().readTree(report.toJson());

        assertThat(node.path("curves")
                        .path(0)
                        .path("training")
                        .path("losses")
                        .path(0)
                        .isNull())
                .isTrue();
        assertThat(report.toHtml()).contains("<h2>Training</h2>").doesNotContain("id=\"map\"");
    }
}
