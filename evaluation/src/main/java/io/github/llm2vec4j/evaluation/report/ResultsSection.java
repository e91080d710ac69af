package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.suite.Skipped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The table of models and tasks. */
final class ResultsSection {
    private final Report report;
    private final ResultTable table;
    private final List<ReportTask> columns; // word level first, only tasks with results

    ResultsSection(Report report) {
        this.report = report;
        table = ResultTable.ofMainMetrics(report.results());
        columns = report.tasks().stream()
                .filter(task -> report.testItems(task.name()).isPresent())
                .sorted((a, b) -> a.level().compareTo(b.level()))
                .toList();
    }

    String html() {
        StringBuilder out = new StringBuilder(table());
        if (!columns.isEmpty()) {
            out.append(FindingsSection.html(report))
                    .append(new BarsSection(report, columns).html())
                    .append(allMetrics());
        }
        return out.append(skipped()).toString();
    }

    /** The table alone, and what its marks mean. */
    String table() {
        if (columns.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"results\"><thead>")
                .append(head())
                .append("</thead><tbody>\n");
        for (ReportModel model : report.models()) {
            if (table.rows().contains(model.name())) {
                out.append(row(model));
            }
        }
        out.append("</tbody></table></div>\n");
        out.append("<p class=\"note\"><b>Bold with ★</b>: best of the column. Scores are times 100, higher is better.");
        report.reference()
                .ifPresent(model -> out.append(" Small figures: points above or below “")
                        .append(Html.escape(model.name()))
                        .append("”."));
        if (table.intervals().stream().anyMatch(row -> row.stream().anyMatch(Objects::nonNull))) {
            out.append(" ±: half of the 95% interval (bootstrap over test items). ~: behind the best by no more than")
                    .append(" chance may give (paired test, p ≥ 0.05).");
        }
        return out.append("</p>\n").toString();
    }

    private String head() {
        StringBuilder levels = new StringBuilder("<tr><th rowspan=\"2\" scope=\"col\" class=\"model\">Model</th>");
        for (Level level : Level.values()) {
            long count = columns.stream().filter(task -> task.level() == level).count();
            if (count > 0) {
                levels.append("<th scope=\"colgroup\" class=\"level\" colspan=\"" + count + "\">")
                        .append(level.title())
                        .append("</th>");
            }
        }
        StringBuilder tasks = new StringBuilder("<tr>");
        for (int i = 0; i < columns.size(); i++) {
            ReportTask task = columns.get(i);
            int items = report.testItems(task.name()).orElse(0);
            tasks.append("<th scope=\"col\" class=\"number" + edge(i) + "\">")
                    .append(Html.escape(task.label()))
                    .append("<small>" + Html.escape(Figures.metric(metric(task))) + "</small>")
                    .append("<small>" + Figures.count(items) + " test items</small></th>");
        }
        return levels.append("</tr>\n").append(tasks).append("</tr>").toString();
    }

    /** A rule where a group of columns begins. */
    private String edge(int column) {
        boolean first = column == 0
                || columns.get(column).level() != columns.get(column - 1).level();
        return first ? " edge" : "";
    }

    private String metric(ReportTask task) {
        return table.columns().stream()
                .filter(column -> column.task().equals(task.name()))
                .map(ResultTable.Column::metric)
                .findFirst()
                .orElse("");
    }

    private String row(ReportModel model) {
        StringBuilder out = new StringBuilder("<tr class=\"" + BarsSection.role(model) + "\">");
        out.append("<th scope=\"row\" class=\"model\">")
                .append(Html.escape(model.name()))
                .append("<small>" + Html.escape(model.note()) + "</small></th>");
        for (int i = 0; i < columns.size(); i++) {
            out.append(cell(model, columns.get(i), edge(i)));
        }
        return out.append("</tr>\n").toString();
    }

    private String cell(ReportModel model, ReportTask task, String edge) {
        Optional<Double> score = Finding.mainScore(report, model.name(), task.name());
        if (score.isEmpty()) {
            return "<td class=\"number" + edge + "\"><span class=\"none\" title=\"not measured\">–</span></td>";
        }
        boolean best = isBest(model, task);
        String value = Figures.score(score.get());
        String shown = best
                ? "<b><span class=\"star\" aria-hidden=\"true\">★</span>" + value
                        + "<span class=\"hidden\"> (best)</span></b>"
                : value;
        String difference = report.reference()
                .filter(reference -> !reference.equals(model))
                .flatMap(reference -> Finding.mainScore(report, reference.name(), task.name()))
                .map(reference -> difference(score.get() - reference))
                .orElse("<small>&nbsp;</small>");
        return "<td class=\"number" + edge + (best ? " best" : "") + "\">" + shown + chance(model, task) + difference
                + "</td>";
    }

    /** How far chance may move the score, and whether it may make up what the best is ahead. */
    private String chance(ReportModel model, ReportTask task) {
        int row = table.rows().indexOf(model.name());
        int column = table.columns().indexOf(new ResultTable.Column(task.name(), metric(task)));
        Interval interval =
                row < 0 || column < 0 ? null : table.intervals().get(row).get(column);
        if (interval == null) {
            return "";
        }
        String close = table.isCloseToBest(row, column) ? " ~" : "";
        return "<small title=\"95% interval " + Figures.score(interval.low()) + " to " + Figures.score(interval.high())
                + "\">" + Figures.margin(interval) + close + "</small>";
    }

    private static String difference(double difference) {
        String kind = Finding.verdict(difference).word();
        return "<small class=\"" + kind + "\">" + Figures.difference(difference) + "</small>";
    }

    private boolean isBest(ReportModel model, ReportTask task) {
        int row = table.rows().indexOf(model.name());
        int column = table.columns().indexOf(new ResultTable.Column(task.name(), metric(task)));
        return row >= 0 && column >= 0 && table.isBest(row, column);
    }

    /** Every metric, folded away. */
    private String allMetrics() {
        ResultTable all = ResultTable.ofAllMetrics(report.results());
        StringBuilder out = new StringBuilder(
                        "<details class=\"more\"><summary>All metrics</summary><div class=\"scroll\">")
                .append("<table class=\"all\"><thead><tr><th scope=\"col\">Task</th><th scope=\"col\">Metric</th>");
        all.rows().forEach(name -> out.append("<th scope=\"col\" class=\"number\">" + Html.escape(name) + "</th>"));
        out.append("</tr></thead><tbody>\n");
        for (int c = 0; c < all.columns().size(); c++) {
            ResultTable.Column column = all.columns().get(c);
            out.append("<tr><th scope=\"row\">" + Html.escape(report.label(column.task())) + "</th><td>")
                    .append(Html.escape(Figures.metric(column.metric())))
                    .append("</td>");
            for (int r = 0; r < all.rows().size(); r++) {
                Double value = all.values().get(r).get(c);
                boolean known = value != null && !value.isNaN();
                String figure = known ? Figures.score(value) : "–";
                out.append("<td class=\"number\">")
                        .append(all.isBest(r, c) ? "<b><span class=\"star\">★</span>" + figure + "</b>" : figure)
                        .append("</td>");
            }
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div></details>\n").toString();
    }

    private String skipped() {
        if (report.skipped().isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("<h3>Not measured</h3>\n<ul class=\"skipped\">");
        for (Skipped skipped : report.skipped()) {
            out.append("<li><b>" + Html.escape(skipped.name()) + "</b>: " + Html.escape(skipped.reason()) + "</li>\n");
        }
        return out.append("</ul>\n").toString();
    }
}
