package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AblationReportTest {
    private static final String HOSTILE = "<script>alert('x')</script>\" onload=\"";

    private static AblationReport report(String training, List<AblationCell> cells) {
        return new AblationReport(
                new RunInfo("", training, Instant.EPOCH, Duration.ZERO, training),
                List.of(new ReportTask("pos", "Part of speech", Level.WORD)),
                cells,
                List.of(new HeatMap(training, 7, List.of(1, 2), List.of(List.of(1.0, 0.5), List.of(0.25, -0.5)))),
                List.of(new HeatMap(training, 7, List.of(1), List.of(List.of(0.9)))),
                List.of(new PrefixScores(
                        training, 7, List.of(new PrefixScores.AtLayer(1, 0.98, 0.91, new Interval(0.05, 0.09), 0.75)))),
                List.of(),
                List.of(new Facts(training, Map.of(training, training))));
    }

    private static AblationCell cell(String training, String pooling, int layer, int right) {
        double[][] items = new double[40][];
        for (int i = 0; i < items.length; i++) {
            items[i] = new double[] {i < right ? 1 : 0, 1};
        }
        TaskResult result = new TaskResult(
                        "pos",
                        "m",
                        "accuracy",
                        Map.of("accuracy", right / 40.0),
                        1,
                        40,
                        new Details(List.of(), Map.of(), Map.of()))
                .withEvidence(Statistic.RATIO, items);
        return new AblationCell("causal", training, pooling, layer, List.of(result));
    }

    @Test
    void eachFactorIsComparedAtTheUsualValueOfTheOthers() {
        AblationReport report = report(
                "x",
                List.of(
                        cell("none", "mean", 1, 10),
                        cell("none", "max", 1, 11),
                        cell("none", "mean", 2, 20),
                        cell("none", "max", 2, 21),
                        cell("mntp", "mean", 1, 12),
                        cell("mntp", "max", 1, 13),
                        cell("mntp", "mean", 2, 39),
                        cell("mntp", "max", 2, 38)));
        String page = report.toHtml();
        String training = section(page, "training");
        assertThat(training).contains("50.00", "97.50", "+47.50", "±").doesNotContain("52.50", "25.00");
        assertThat(section(page, "pooling"))
                .contains("52.50", "95.00", "causal, mntp, max", "±6.2 ~")
                .doesNotContain("25.00");
        assertThat(section(page, "layers"))
                .contains("25.00", "30.00", "causal, mntp, layer 1")
                .doesNotContain("52.50");
        assertThat(section(page, "attention"))
                .contains("fill-opacity=\"0.250\"", "fill-opacity=\"0.000\"", "layer 2, token 2: −0.50");
        assertThat(section(page, "beginnings")).contains("0.0700", "0.0500 to 0.0900", "75.00");
        assertThat(report.table().rows()).hasSize(8).contains("causal, mntp, max, layer 1");
        ObjectNode json = report.toJson();
        assertThat(json.at("/cells/6/results/0/main_score_95")).hasSize(2);
        assertThat(json.at("/table/rows/2/p_behind_best/0").doubleValue()).isLessThan(0.05);
        assertThat(json.at("/attention/0/cosines/1/1").doubleValue()).isEqualTo(-0.5);
        assertThat(json.at("/prefix_scores/0/layers/0/gap/low").doubleValue()).isEqualTo(0.05);
    }

    private static String section(String page, String id) {
        int start = page.indexOf("<section id=\"" + id + "\">");
        assertThat(start).as(id).isPositive();
        return page.substring(start, page.indexOf("</section>", start));
    }

    @Test
    void aFactorWithOneValueHasNoTable() {
        String page = report("x", List.of(cell("none", "mean", 2, 3), cell("mntp", "mean", 2, 4)))
                .toHtml();
        assertThat(page).contains("<section id=\"training\">").doesNotContain("id=\"pooling\"", "id=\"layers\"");
    }

    @Test
    void hostileTextStaysText() {
        assertThat(report(HOSTILE, List.of(cell(HOSTILE, "mean", 2, 3))).toHtml())
                .doesNotContain("<script>alert", "\" onload=\"");
    }

    @Test
    void aMapHasARowALayer() {
        assertThatThrownBy(() -> new HeatMap("m", 1, List.of(1, 2), List.of(List.of(0.5))))
                .hasMessage("heat map m: expected 2 rows, found 1");
    }
}
