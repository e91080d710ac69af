package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A page of sections: one HTML document that loads nothing. */
final class Page {
    private final RunInfo run;
    private final String title;
    private final String summary; // html
    private int refreshSeconds;
    private final Map<String, Section> sections = new LinkedHashMap<>(); // id to section

    private record Section(String title, String html) {}

    /**
     * @param title of a page that is of no recipe
     * @param summary what is said first, as HTML
     */
    Page(RunInfo run, String title, String summary) {
        this.run = run;
        this.title = run.recipe().isEmpty() ? title : run.recipe();
        this.summary = summary;
    }

    /** Has browsers load the page again after so many seconds; 0 for never. */
    void refresh(int seconds) {
        refreshSeconds = seconds;
    }

    void add(String id, String heading, String html) {
        sections.put(id, new Section(heading, html));
    }

    /** The page without scripts. */
    String html() {
        return html(JsonNodeFactory.instance.objectNode(), "", "");
    }

    /**
     * The page with scripts.
     *
     * @param data what the scripts draw
     * @param withoutScripts said where they are switched off
     */
    String html(ObjectNode data, String scripts, String withoutScripts) {
        return Resources.fill(
                Resources.own("page.html"),
                Map.ofEntries(
                        Map.entry("title", Html.escape(title)),
                        Map.entry("base_model", Html.escape(run.baseModel())),
                        Map.entry("when", Html.escape(Figures.when(run.started()))),
                        Map.entry("duration", Html.escape(Figures.duration(run.duration()))),
                        Map.entry("command", Html.escape(run.command())),
                        Map.entry("style", Resources.uplot("dist/uPlot.min.css") + Resources.own("report.css")),
                        Map.entry("refresh", refresh()),
                        Map.entry("body", summary + "\n" + navigation() + body()),
                        Map.entry("data", Html.json(data)),
                        Map.entry("without_scripts", Html.escape(withoutScripts)),
                        Map.entry("scripts", scripts)));
    }

    private String refresh() {
        return refreshSeconds == 0 ? "" : "<meta http-equiv=\"refresh\" content=\"" + refreshSeconds + "\">\n";
    }

    /** A summary in plain text. */
    static String summary(String text) {
        return "<p class=\"summary\">" + Html.escape(text) + "</p>";
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
