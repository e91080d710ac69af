package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.metric.Comparison;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whether each stage did what it is for: a row a task and encoder, a cell a comparison. */
final class FindingsSection {
    private FindingsSection() {}

    private record Row(String task, String model) {}

    static String html(Report report) {
        Map<Row, List<Finding>> rows = Finding.of(report).stream()
                .collect(Collectors.groupingBy(
                        finding -> new Row(finding.task(), finding.model()), LinkedHashMap::new, Collectors.toList()));
        if (rows.isEmpty()) {
            return "";
        }
        int comparisons = rows.values().stream().mapToInt(List::size).max().orElse(1);
        StringBuilder out = new StringBuilder(
                        "<h3>Does each stage help with what it is for?</h3>\n<div class=\"scroll\">")
                .append(
                        "<table class=\"findings\"><thead><tr><th scope=\"col\">Task</th><th scope=\"col\">Encoder</th>")
                .append("<th scope=\"col\" class=\"number\">Score</th><th scope=\"colgroup\" colspan=\"" + comparisons)
                .append("\">Points compared with</th></tr></thead><tbody>\n");
        String last = "";
        for (Map.Entry<Row, List<Finding>> row : rows.entrySet()) {
            String task = row.getKey().task();
            boolean first = !task.equals(last);
            last = task;
            out.append(first ? "<tr class=\"first\">" : "<tr>")
                    .append("<th scope=\"row\"><span" + (first ? "" : " class=\"repeat\"") + ">")
                    .append(Html.escape(report.label(task)) + "</span></th>")
                    .append("<td>" + Html.escape(row.getKey().model()) + "</td>")
                    .append("<td class=\"number\">"
                            + Figures.score(row.getValue().get(0).score()) + "</td>");
            row.getValue().forEach(finding -> out.append(comparison(finding)));
            out.append("</tr>\n");
        }
        return out.append(
                        "</tbody></table></div>\n<p class=\"note\">Less than one point apart, or no further than chance may "
                                + "give (paired test on the same items, p ≥ 0.05), is called the same (≈).</p>\n")
                .toString();
    }

    private static String comparison(Finding finding) {
        Finding.Verdict verdict = finding.verdict();
        Comparison chance = finding.chance();
        String title = verdict.word()
                + (chance == null
                        ? ""
                        : ", p = " + Figures.p(chance.p()) + ", 95% interval "
                                + Figures.difference(chance.interval().low()) + " to "
                                + Figures.difference(chance.interval().high()));
        return "<td><span class=\"points " + verdict.word() + "\" title=\"" + title + "\">" + verdict.sign()
                + " " + Figures.difference(finding.difference()) + "</span> " + Html.escape(finding.against())
                + "</td>";
    }
}
