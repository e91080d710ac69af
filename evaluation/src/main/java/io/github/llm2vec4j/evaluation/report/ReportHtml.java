package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts the page together from its sections, style and scripts. */
final class ReportHtml {
    private final Report report;
    private final Map<String, Section> sections = new LinkedHashMap<>(); // id to section

    private record Section(String title, String html) {}

    ReportHtml(Report report) {
        this.report = report;
    }

    String page() {
        RunInfo run = report.run();
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.set("curves", CurvesSection.data(report.curves()));
        if (!report.results().isEmpty() || !report.skipped().isEmpty()) {
            add("results", "Results", new ResultsSection(report).html());
        }
        if (!report.curves().isEmpty()) {
            add("training", "Training", CurvesSection.html(report.curves(), report.progress() != null));
        }
        for (int i = 0; i < report.tables().size(); i++) {
            ReportTable table = report.tables().get(i);
            add("table-" + (i + 1), Html.escape(table.title()), table.html());
        }
        EmbeddingMap map = report.map();
        if (map != null) {
            MapSection section = new MapSection(map);
            add("map", "Sentences before and after", section.html());
            data.set("examples", section.data());
        }
        Neighbours neighbours = report.neighbours();
        if (neighbours != null) {
            add("neighbours", "Nearest neighbours", NeighboursSection.html(neighbours));
        }
        if (!report.facts().isEmpty()) {
            add("settings", "Settings and versions", FactsSection.html(report.facts()));
        }
        return Resources.fill(
                Resources.own("page.html"),
                Map.ofEntries(
                        Map.entry("title", Html.escape(run.recipe().isEmpty() ? "evaluation" : run.recipe())),
                        Map.entry("base_model", Html.escape(run.baseModel())),
                        Map.entry("when", Html.escape(Figures.when(run.started()))),
                        Map.entry("duration", Html.escape(Figures.duration(run.duration()))),
                        Map.entry("command", Html.escape(run.command())),
                        Map.entry("refresh", refresh()),
                        Map.entry("style", Resources.uplot("dist/uPlot.min.css") + Resources.own("report.css")),
                        Map.entry("body", summary() + navigation() + body()),
                        Map.entry("data", Html.json(data)),
                        Map.entry(
                                "uplot",
                                "/*\n" + Resources.uplot("LICENSE") + "*/\n"
                                        + Resources.uplot("dist/uPlot.iife.min.js")),
                        Map.entry("script", Resources.own("curves.js") + Resources.own("map.js"))));
    }

    private void add(String id, String title, String html) {
        sections.put(id, new Section(title, html));
    }

    private String refresh() {
        RunProgress progress = report.progress();
        return progress == null || progress.refreshSeconds() == 0
                ? ""
                : "<meta http-equiv=\"refresh\" content=\"" + progress.refreshSeconds() + "\">\n";
    }

    private String summary() {
        RunProgress progress = report.progress();
        if (progress != null) {
            return progress.html();
        }
        return "<p class=\"summary\">" + Html.escape(Summary.of(report).plain()) + "</p>\n";
    }

    private String navigation() {
        StringBuilder out = new StringBuilder("<nav aria-label=\"Parts of the report\">");
        sections.forEach((id, section) -> out.append("<a href=\"#" + id + "\">" + section.title() + "</a>"));
        return out.append("</nav>\n").toString();
    }

    private String body() {
        StringBuilder out = new StringBuilder();
        sections.forEach((id, section) -> out.append("<section id=\"" + id + "\">\n<h2>" + section.title() + "</h2>\n")
                .append(section.html())
                .append("</section>\n"));
        return out.toString();
    }
}
