package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossCurveTest {

    @Test
    void readsTheLinesOfATrainingLog() throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : List.of(
                "{\"step\": 1, \"loss\": 2.5, \"grad_norm\": 1.0, \"tokens\": 30, \"seconds\": 2}",
                "{\"step\": 2, \"loss\": \"NaN\"}",
                "{\"step\": 2, \"eval_loss\": 2.25, \"eval_accuracy\": 0.5}")) {
            lines.add(new JsonMapper().readTree(line));
        }

        LossCurve curve = LossCurve.ofLog("mntp", lines);

        assertThat(curve.training()).containsExactly(new LossCurve.Point(1, 2.5), new LossCurve.Point(2, Double.NaN));
        assertThat(curve.traces())
                .containsOnlyKeys(LossCurve.GRADIENT_NORM, LossCurve.TOKENS_PER_SECOND)
                .containsEntry(LossCurve.GRADIENT_NORM, List.of(1.0, Double.NaN))
                .containsEntry(LossCurve.TOKENS_PER_SECOND, List.of(15.0, Double.NaN));
        assertThat(curve.heldOut()).containsExactly(new LossCurve.HeldOut(2, Map.of("loss", 2.25, "accuracy", 0.5)));
    }

    @Test
    void smoothingKeepsAStraightLineAndPassesOverNaN() {
        List<LossCurve.Point> points = IntStream.range(0, 200)
                .mapToObj(i -> new LossCurve.Point(i, i == 100 ? Double.NaN : 3))
                .toList();

        assertThat(new LossCurve("s", points, List.of()).smoothed())
                .hasSize(200)
                .containsOnly(3.0);
    }

    @Test
    void refusesStepsThatDoNotRise() {
        List<LossCurve.Point> points = List.of(new LossCurve.Point(2, 1), new LossCurve.Point(2, 1));

        assertThatThrownBy(() -> new LossCurve("mntp", points, List.of()))
                .hasMessageContaining("curve of mntp")
                .hasMessageContaining("rising");
    }
}
