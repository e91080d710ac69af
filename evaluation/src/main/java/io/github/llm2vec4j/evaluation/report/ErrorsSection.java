package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the best model of each task mistakes for what, and its worst errors, folded away. */
final class ErrorsSection {
    private static final int ERRORS = 8;

    /** A matrix of more labels is not read. */
    private static final int LABELS = 24;

    private ErrorsSection() {}

    /** Empty where nothing is known of single items. */
    static String html(Report report) {
        StringBuilder out = new StringBuilder();
        for (ReportTask task : report.tasks()) {
            ReportModel best = best(report, task);
            TaskResult result = best == null
                    ? null
                    : report.result(best.name(), task.name()).orElse(null);
            if (best == null || result == null) {
                continue;
            }
            String inside = matrix(result.details().confusion())
                    + examples(result.details().errors(ERRORS));
            if (!inside.isEmpty()) {
                out.append("<details class=\"errors\"><summary>" + Html.escape(task.label()) + " <small>"
                                + Html.escape(best.name()) + "</small></summary>\n")
                        .append(inside)
                        .append("</details>\n");
            }
        }
        return out.toString();
    }

    /** Of the trained models, or of all where none is. */
    private static @Nullable ReportModel best(Report report, ReportTask task) {
        boolean trained = report.models().stream().anyMatch(model -> model.role() == ReportModel.Role.TRAINED);
        return report.models().stream()
                .filter(model -> !trained || model.role() == ReportModel.Role.TRAINED)
                .filter(model ->
                        Finding.mainScore(report, model.name(), task.name()).isPresent())
                .max(Comparator.comparingDouble(model ->
                        Finding.mainScore(report, model.name(), task.name()).orElse(0.0)))
                .orElse(null);
    }

    /** A row for each label that is right, a column for each that was given; shaded by its share of the row. */
    private static String matrix(Map<String, Map<String, Integer>> confusion) {
        Set<String> labels = new LinkedHashSet<>(confusion.keySet());
        confusion.values().forEach(row -> labels.addAll(row.keySet()));
        if (labels.isEmpty() || labels.size() > LABELS) {
            return "";
        }
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"confusion\"><thead><tr>")
                .append("<th scope=\"col\">is ↓ &nbsp; given →</th>");
        labels.forEach(label -> out.append("<th scope=\"col\" class=\"number\">" + Html.bdi(label) + "</th>"));
        out.append("</tr></thead><tbody>\n");
        confusion.forEach((gold, row) -> {
            int all = row.values().stream().mapToInt(Integer::intValue).sum();
            out.append("<tr><th scope=\"row\">" + Html.bdi(gold) + "</th>");
            for (String label : labels) {
                int count = Objects.requireNonNullElse(row.get(label), 0);
                out.append(String.format(
                        Locale.ROOT,
                        "<td class=\"number%s\" style=\"--share:%.3f\">%s</td>",
                        label.equals(gold) ? " right" : "",
                        all == 0 ? 0 : (double) count / all,
                        count == 0 ? "" : Figures.count(count)));
            }
            out.append("</tr>\n");
        });
        return out.append("</tbody></table></div>\n").toString();
    }

    private static String examples(List<Outcome> errors) {
        if (errors.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"all\"><thead><tr>")
                .append("<th scope=\"col\">Asked</th><th scope=\"col\">Right</th><th scope=\"col\">Given</th>")
                .append("</tr></thead><tbody>\n");
        for (Outcome error : errors) {
            out.append("<tr>")
                    .append(cell(error.input()))
                    .append(cell(error.expected()))
                    .append(cell(error.predicted()))
                    .append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    /** Aligned to the side where its text begins. */
    private static String cell(String text) {
        return "<td dir=\"" + Html.direction(text) + "\">" + Html.bdi(text) + "</td>";
    }
}
