package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Models against tasks: a row a model, a column a task and metric, the best of each column known. All metrics count
 * upwards.
 *
 * @param rows the models' names, in order
 * @param columns the tasks and metrics, in order
 * @param values values.get(row).get(column), null where the model has no such score
 */
public record ResultTable(List<String> rows, List<Column> columns, List<List<@Nullable Double>> values) {

    /** One column: a task and one of its metrics. */
    public record Column(String task, String metric) {
        @Override
        public String toString() {
            return task + " " + metric;
        }
    }

    public ResultTable {
        if (new HashSet<>(rows).size() != rows.size()) {
            throw new IllegalArgumentException("expected models of different names, found " + rows);
        }
        if (values.size() != rows.size() || values.stream().anyMatch(row -> row.size() != columns.size())) {
            throw new IllegalArgumentException(
                    "expected " + rows.size() + " rows of " + columns.size() + " values, found another shape");
        }
    }

    /** The main metric of every task. */
    public static ResultTable ofMainMetrics(List<ModelResult> models) {
        return of(models, false);
    }

    /** Every metric of every task. */
    public static ResultTable ofAllMetrics(List<ModelResult> models) {
        return of(models, true);
    }

    private static ResultTable of(List<ModelResult> models, boolean all) {
        Set<Column> columns = new LinkedHashSet<>();
        List<Map<Column, Double>> cells = new ArrayList<>();
        for (ModelResult model : models) {
            Map<Column, Double> row = new LinkedHashMap<>();
            for (TaskResult result : model.results()) {
                result.scores().forEach((metric, score) -> {
                    if (all || metric.equals(result.mainMetric())) {
                        row.put(new Column(result.task(), metric), score);
                    }
                });
            }
            columns.addAll(row.keySet());
            cells.add(row);
        }
        List<List<@Nullable Double>> values = new ArrayList<>();
        for (Map<Column, Double> row : cells) {
            List<@Nullable Double> line = new ArrayList<>();
            columns.forEach(column -> line.add(row.get(column)));
            values.add(line);
        }
        return new ResultTable(models.stream().map(ModelResult::model).toList(), List.copyOf(columns), values);
    }

    /**
     * Whether no row has a higher value in this column, as shown with four digits; always false for a missing value.
     */
    public boolean isBest(int row, int column) {
        Double value = values.get(row).get(column);
        if (value == null || value.isNaN()) {
            return false;
        }
        return values.stream()
                .map(line -> line.get(column))
                .noneMatch(other -> other != null && shown(other) > shown(value));
    }

    private static long shown(double value) {
        return Math.round(value * 10_000);
    }

    /**
     * A table for the terminal, a line a column and a model a column of text; the best of each line is marked with *.
     */
    public String toText() {
        List<List<String>> grid = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("task", "metric"));
        head.addAll(rows);
        grid.add(head);
        for (int c = 0; c < columns.size(); c++) {
            List<String> line = new ArrayList<>(
                    List.of(columns.get(c).task(), columns.get(c).metric()));
            for (int r = 0; r < rows.size(); r++) {
                Double value = values.get(r).get(c);
                line.add(value == null ? "- " : String.format(Locale.ROOT, "%.4f%s", value, isBest(r, c) ? "*" : " "));
            }
            grid.add(line);
        }
        int[] widths = new int[head.size()];
        grid.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (List<String> line : grid) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                row.append(String.format((i < 2 ? "%-" : "%") + widths[i] + "s  ", line.get(i)));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /**
     * {@code {"columns": [{"task", "metric"}], "rows": [{"model", "values": [number or null], "best": [boolean]}]}}.
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode columnNodes = json.putArray("columns");
        columns.forEach(
                column -> columnNodes.addObject().put("task", column.task()).put("metric", column.metric()));
        ArrayNode rowNodes = json.putArray("rows");
        for (int r = 0; r < rows.size(); r++) {
            ObjectNode row = rowNodes.addObject().put("model", rows.get(r));
            ArrayNode numbers = row.putArray("values");
            ArrayNode best = row.putArray("best");
            for (int c = 0; c < columns.size(); c++) {
                Double value = values.get(r).get(c);
                numbers.add(value == null || value.isNaN() ? null : value);
                best.add(isBest(r, c));
            }
        }
        return json;
    }
}
