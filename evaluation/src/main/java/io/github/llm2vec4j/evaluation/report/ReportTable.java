package io.github.llm2vec4j.evaluation.report;

import java.util.List;

/**
 * A table under a heading of its own.
 *
 * @param title the heading
 * @param note a sentence or two above it, or empty
 * @param columns their headings
 * @param rows as many cells as columns each
 */
public record ReportTable(String title, String note, List<String> columns, List<List<String>> rows) {
    public ReportTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "table " + title + ": expected " + columns.size() + " cells in a row, found " + row.size());
            }
        }
    }

    String html() {
        StringBuilder out = new StringBuilder();
        if (!note.isEmpty()) {
            out.append("<p class=\"note\">").append(Html.escape(note)).append("</p>\n");
        }
        out.append("<div class=\"scroll\"><table class=\"plain\">\n<thead><tr>");
        columns.forEach(column ->
                out.append("<th scope=\"col\">").append(Html.escape(column)).append("</th>"));
        out.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            out.append("<tr>");
            row.forEach(cell -> out.append("<td>").append(Html.bdi(cell)).append("</td>"));
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }
}
