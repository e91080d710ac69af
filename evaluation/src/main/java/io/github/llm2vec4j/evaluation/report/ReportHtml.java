package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Puts the page together from its sections and scripts. */
final class ReportHtml {
    private final Report report;

    ReportHtml(Report report) {
        this.report = report;
    }

    String page() {
        RunProgress progress = report.progress();
        Page page = new Page(
                report.run(),
                "evaluation",
                progress == null ? Page.summary(Summary.of(report).plain()) : progress.html());
        page.refresh(progress == null ? 0 : progress.refreshSeconds());
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.set("curves", CurvesSection.data(report.curves()));
        if (!report.results().isEmpty() || !report.skipped().isEmpty()) {
            page.add("results", "Results", new ResultsSection(report).html());
        }
        String errors = ErrorsSection.html(report);
        if (!errors.isEmpty()) {
            page.add("errors", "Errors", errors);
        }
        if (!report.curves().isEmpty()) {
            page.add("training", "Training", CurvesSection.html(report.curves(), progress != null));
        }
        for (int i = 0; i < report.tables().size(); i++) {
            ReportTable table = report.tables().get(i);
            page.add("table-" + (i + 1), Html.escape(table.title()), table.html());
        }
        EmbeddingMap map = report.map();
        if (map != null) {
            MapSection section = new MapSection(map);
            page.add("map", "Sentences before and after", section.html());
            data.set("examples", section.data());
        }
        Neighbours neighbours = report.neighbours();
        if (neighbours != null) {
            page.add("neighbours", "Nearest neighbours", NeighboursSection.html(neighbours));
        }
        if (!report.facts().isEmpty()) {
            page.add("settings", "Settings and versions", FactsSection.html(report.facts()));
        }
        String scripts = "/*\n" + Resources.uplot("LICENSE") + "*/\n" + Resources.uplot("dist/uPlot.iife.min.js") + "\n"
                + Resources.own("curves.js") + Resources.own("map.js");
        return page.html(
                data,
                scripts,
                "The loss curves are drawn by a script, which is switched off here; their figures are in report.json.");
    }
}
