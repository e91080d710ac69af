package io.github.llm2vec4j.evaluation.result;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.evaluation.metric.Comparison;
import io.github.llm2vec4j.evaluation.metric.Interval;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Models against tasks: a row a model, a column a task and metric, the best of each column known. All metrics count
 * upwards.
 *
 * @param rows the models' names, in order
 * @param columns the tasks and metrics, in order
 * @param values values.get(row).get(column), null where the model has no such score
 * @param intervals of the main metrics, 95 percent, in the shape of {@code values}; null where not known
 * @param behind how far the best of the column is ahead of this row, in the shape of {@code values}; null for the best
 *     itself and where the items of the two are not known or differ
 */
public record ResultTable(
        List<String> rows,
        List<Column> columns,
        List<List<@Nullable Double>> values,
        List<List<@Nullable Interval>> intervals,
        List<List<@Nullable Comparison>> behind) {
    /** What the marks of {@link #toText} mean. */
    public static final String LEGEND = "* best; ~ behind the best by no more than chance may give (paired test, p >= "
            + Comparison.LEVEL + "); ± half of the 95 percent interval";

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
        columns.parallelStream().forEach(column -> measureChance(models, column));
        List<List<@Nullable Double>> values = new ArrayList<>();
        List<List<@Nullable Interval>> intervals = new ArrayList<>();
        List<List<@Nullable Comparison>> behind = new ArrayList<>();
        for (int r = 0; r < cells.size(); r++) {
            List<@Nullable Double> line = new ArrayList<>();
            List<@Nullable Interval> intervalLine = new ArrayList<>();
            List<@Nullable Comparison> behindLine = new ArrayList<>();
            for (Column column : columns) {
                line.add(cells.get(r).get(column));
                TaskResult own = main(models.get(r), column);
                intervalLine.add(own == null ? null : own.interval());
                behindLine.add(own == null ? null : behind(own, models, column));
            }
            values.add(line);
            intervals.add(intervalLine);
            behind.add(behindLine);
        }
        return new ResultTable(
                models.stream().map(ModelResult::model).toList(), List.copyOf(columns), values, intervals, behind);
    }

    /** Has the evidence compute what it then keeps: of many models that takes a while, and columns do not share it. */
    private static void measureChance(List<ModelResult> models, Column column) {
        for (ModelResult model : models) {
            TaskResult own = main(model, column);
            if (own != null) {
                own.interval();
                behind(own, models, column);
            }
        }
    }

    /** The result of which the column is the main metric. */
    private static @Nullable TaskResult main(ModelResult model, Column column) {
        return model.results().stream()
                .filter(result -> result.task().equals(column.task())
                        && result.mainMetric().equals(column.metric()))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Comparison behind(TaskResult own, List<ModelResult> models, Column column) {
        TaskResult best = own;
        for (ModelResult model : models) {
            TaskResult other = main(model, column);
            best = other != null && other.mainScore() > best.mainScore() ? other : best;
        }
        return best == own ? null : best.against(own);
    }

    /** Whether the best of the column is ahead of this value by no more than chance may give. */
    public boolean isCloseToBest(int row, int column) {
        Comparison comparison = behind.get(row).get(column);
        return comparison != null && !comparison.significant();
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

    /** A table for the terminal, a line a column and a model a column of text; {@link #LEGEND} tells the marks. */
    public String toText() {
        List<List<String>> grid = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("task", "metric"));
        head.addAll(rows);
        grid.add(head);
        for (int c = 0; c < columns.size(); c++) {
            List<String> line = new ArrayList<>(
                    List.of(columns.get(c).task(), columns.get(c).metric()));
            for (int r = 0; r < rows.size(); r++) {
                line.add(cell(r, c));
            }
            grid.add(line);
        }
        return aligned(grid, 2);
    }

    /** The same with a line a model and a column a task, for many models. */
    public String toTextByModel() {
        List<List<String>> grid = new ArrayList<>();
        for (Function<Column, String> head : List.<Function<Column, String>>of(Column::task, Column::metric)) {
            List<String> line = new ArrayList<>(List.of(""));
            columns.forEach(column -> line.add(head.apply(column) + " "));
            grid.add(line);
        }
        for (int r = 0; r < rows.size(); r++) {
            List<String> line = new ArrayList<>(List.of(rows.get(r)));
            for (int c = 0; c < columns.size(); c++) {
                line.add(cell(r, c));
            }
            grid.add(line);
        }
        return aligned(grid, 1);
    }

    /** The first {@code names} columns begin, the others end, at the same place in each line. */
    private static String aligned(List<List<String>> grid, int names) {
        int[] widths = new int[grid.get(0).size()];
        grid.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (List<String> line : grid) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                row.append(String.format((i < names ? "%-" : "%") + widths[i] + "s  ", line.get(i)));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private String cell(int row, int column) {
        Double value = values.get(row).get(column);
        if (value == null) {
            return "- ";
        }
        Interval interval = intervals.get(row).get(column);
        String margin = interval == null ? "" : String.format(Locale.ROOT, " ±%.3f", interval.halfWidth());
        String mark = isBest(row, column) ? "*" : isCloseToBest(row, column) ? "~" : " ";
        return String.format(Locale.ROOT, "%.4f", value) + margin + mark;
    }

    /**
     * {@code {"columns": [{"task", "metric"}], "rows": [{"model", "values": [number or null], "best": [boolean], "intervals":
     * [[low, high] or null], "p_behind_best": [number or null]}]}}.
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
            ArrayNode intervalNodes = row.putArray("intervals");
            ArrayNode behindNodes = row.putArray("p_behind_best");
            for (int c = 0; c < columns.size(); c++) {
                Double value = values.get(r).get(c);
                numbers.add(value == null || value.isNaN() ? null : value);
                best.add(isBest(r, c));
                Interval interval = intervals.get(r).get(c);
                if (interval == null || Double.isNaN(interval.low())) {
                    intervalNodes.addNull();
                } else {
                    intervalNodes.addArray().add(interval.low()).add(interval.high());
                }
                Comparison comparison = behind.get(r).get(c);
                behindNodes.add(comparison == null ? null : comparison.p());
            }
        }
        return json;
    }
}
