package io.github.llm2vec4j.evaluation.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private final ModelResult base = new ModelResult("base", List.of(result("pos", 0.5), result("ner", 0.81231)));
    private final ModelResult mntp = new ModelResult("mntp", List.of(result("pos", 0.7), result("ner", 0.81229)));
    private final ModelResult words = new ModelResult("words", List.of(result("pos", 0.6)));

    @Test
    void marksTheBestOfEachColumnAsShown() {
        ResultTable table = ResultTable.ofMainMetrics(List.of(base, mntp, words));
        assertThat(table.toText()).isEqualTo("""
                        task  metric       base     mntp    words
                        pos   accuracy  0.5000   0.7000*  0.6000
                        ner   accuracy  0.8123*  0.8123*       -
                        """);
        assertThat(table.isBest(2, 1)).isFalse();
    }

    @Test
    void manyModelsHaveALineEach() {
        assertThat(ResultTable.ofMainMetrics(List.of(base, mntp, words)).toTextByModel())
                .isEqualTo("""
                                    pos        ner
                               accuracy   accuracy
                        base     0.5000     0.8123*
                        mntp     0.7000*    0.8123*
                        words    0.6000          -
                        """);
    }

    @Test
    void intervalsAndPairedTestsAreShown() {
        ModelResult good = new ModelResult("good", List.of(measured(0, 60)));
        ModelResult close = new ModelResult("close", List.of(measured(2, 60)));
        ModelResult far = new ModelResult("far", List.of(measured(30, 60)));
        ModelResult other = new ModelResult("other", List.of(measured(1, 40)));
        ResultTable table = ResultTable.ofMainMetrics(List.of(good, close, far, other));
        assertThat(table.isCloseToBest(0, 0)).isFalse();
        assertThat(table.isCloseToBest(1, 0)).isTrue();
        assertThat(table.isCloseToBest(2, 0)).isFalse();
        assertThat(table.behind().get(3).get(0)).isNull(); // other items
        assertThat(table.toText().lines().skip(1).findFirst().orElseThrow())
                .matches("pos   accuracy  1.0000 ±0.000\\*  0.9667 ±0.04\\d~  0.5000 ±0.1\\d\\d   0.9750 ±0.0\\d\\d");
        JsonNode json = table.toJson();
        assertThat(json.at("/rows/1/p_behind_best/0").doubleValue()).isBetween(0.05, 1.0);
        assertThat(json.at("/rows/2/p_behind_best/0").doubleValue()).isBetween(0.0, 0.01);
        assertThat(json.at("/rows/0/p_behind_best/0").isNull()).isTrue();
        assertThat(json.at("/rows/2/intervals/0/0").doubleValue()).isBetween(0.3, 0.45);
        assertThat(json.at("/rows/2/intervals/0/1").doubleValue()).isBetween(0.55, 0.7);
        assertThat(table.toText())
                .isEqualTo(ResultTable.ofMainMetrics(List.of(good, close, far, other))
                        .toText());
    }

    @Test
    void aResultKeepsItsItemsAndSeedsAsJson() throws Exception {
        TaskResult result = measured(3, 10).withRuns(Map.of("accuracy", List.of(0.6, 0.8)));
        JsonMapper mapper = new JsonMapper();
        TaskResult read = mapper.treeToValue(mapper.valueToTree(result), TaskResult.class);
        assertThat(read).isEqualTo(result);
        JsonNode json = read.toJson(0);
        assertThat(json.at("/main_score_95")).hasSize(2);
        assertThat(json.at("/runs/accuracy/1").doubleValue()).isEqualTo(0.8);
        ObjectNode old = mapper.valueToTree(result("pos", 0.5));
        old.remove(List.of("evidence", "runs"));
        assertThat(mapper.treeToValue(old, TaskResult.class)).isEqualTo(result("pos", 0.5));
        assertThatThrownBy(() -> result("pos", 0.5).withEvidence(Statistic.RATIO, new double[][] {{1, 1}}))
                .hasMessageContaining("expected a accuracy that follows from the items, 1.0, found 0.5");
    }

    /** A model that fails on the first items. */
    private static TaskResult measured(int wrong, int items) {
        double[][] rows = IntStream.range(0, items)
                .mapToObj(i -> new double[] {i < wrong ? 0 : 1, 1})
                .toArray(double[][]::new);
        return result("pos", (double) (items - wrong) / items).withEvidence(Statistic.RATIO, rows);
    }

    @Test
    void allMetricsMakeMoreColumns() {
        ResultTable table = ResultTable.ofAllMetrics(List.of(base));
        assertThat(table.columns())
                .extracting(ResultTable.Column::toString)
                .containsExactly("pos accuracy", "pos macro_f1", "ner accuracy", "ner macro_f1");
    }

    @Test
    void jsonHoldsNullWhereAModelHasNoScore() {
        JsonNode json = ResultTable.ofMainMetrics(List.of(base, mntp, words)).toJson();
        assertThat(json.at("/columns/1/task").textValue()).isEqualTo("ner");
        assertThat(json.at("/rows/2/values/1").isNull()).isTrue();
        assertThat(json.at("/rows/1/best/0").booleanValue()).isTrue();
        assertThat(json.at("/rows/0/values/0").doubleValue()).isEqualTo(0.5);
    }

    @Test
    void aResultTellsItsFiguresAndWorstErrors() {
        Details details = new Details(
                List.of(new Outcome("a", "x", "y", 0.5), Outcome.of("b", "x", "x"), Outcome.of("c", "x", "z")),
                Map.of("x", Map.of("y", 1, "x", 1, "z", 1)),
                Map.of("C", "10"));
        JsonNode json = new TaskResult("pos", "m", "accuracy", Map.of("accuracy", 0.5), 4, 3, details).toJson(1);
        assertThat(json.at("/errors")).hasSize(1);
        assertThat(json.at("/errors/0/input").textValue()).isEqualTo("c");
        assertThat(json.at("/confusion/x/z").intValue()).isEqualTo(1);
        assertThat(json.at("/main_score").doubleValue()).isEqualTo(0.5);
    }

    @Test
    void refusesWhatIsNoResult() {
        Details none = new Details(List.of(), Map.of(), Map.of());
        assertThatThrownBy(() -> new TaskResult("pos", "m", "f1", Map.of("accuracy", 1.0), 1, 1, none))
                .hasMessage("task pos: expected a score f1, found [accuracy]");
        assertThatThrownBy(() -> ResultTable.ofMainMetrics(List.of(base, base)))
                .hasMessageContaining("different names");
        assertThatThrownBy(() -> new ModelResult("m", List.of(result("pos", 1), result("pos", 1))))
                .hasMessage("model m: expected one result a task, found two for pos");
        assertThatThrownBy(() -> new Outcome("a", "b", "c", 1.1)).hasMessageContaining("[0, 1]");
    }

    private static TaskResult result(String task, double accuracy) {
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("accuracy", accuracy);
        scores.put("macro_f1", accuracy / 2);
        return new TaskResult(task, "m", "accuracy", scores, 1, 1, new Details(List.of(), Map.of(), Map.of()));
    }
}
