package io.github.llm2vec4j.evaluation.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
