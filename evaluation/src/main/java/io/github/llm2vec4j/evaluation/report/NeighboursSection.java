package io.github.llm2vec4j.evaluation.report;

import java.util.List;

/** The nearest sentences, a column a model. */
final class NeighboursSection {
    private NeighboursSection() {}

    static String html(Neighbours neighbours) {
        StringBuilder out = new StringBuilder();
        for (Neighbours.Query query : neighbours.queries()) {
            out.append("<article class=\"query\"><h3>"
                            + Html.bdi(query.example().text()) + "</h3>\n")
                    .append(topic("topic", query.example()))
                    .append("<div class=\"answers\">\n");
            for (int m = 0; m < neighbours.models().size(); m++) {
                out.append("<div><h4>" + Html.escape(neighbours.models().get(m)) + "</h4>\n<ol>\n");
                hits(out, query, query.hits().get(m));
                out.append("</ol></div>\n");
            }
            out.append("</div></article>\n");
        }
        return out.append(
                        "<p class=\"note\">The nearest sentences by cosine, which stands before each; ✓ marks the topic of "
                                + "the sentence asked for. Cosines of different models are not on one scale.</p>\n")
                .toString();
    }

    private static void hits(StringBuilder out, Neighbours.Query query, List<Neighbours.Hit> hits) {
        for (Neighbours.Hit hit : hits) {
            boolean same = !hit.example().topic().isEmpty()
                    && hit.example().topic().equals(query.example().topic());
            out.append("<li" + (same ? " class=\"same-topic\"" : "") + "><span class=\"cosine\">")
                    .append(Figures.cosine(hit.cosine()))
                    .append("</span><div>" + Html.bdi(hit.example().text()))
                    .append(topic(same ? "topic shared" : "topic", hit.example()))
                    .append("</div></li>\n");
        }
    }

    private static String topic(String kind, Example example) {
        if (example.topic().isEmpty()) {
            return "";
        }
        String mark = kind.endsWith("shared") ? "✓ " : "";
        return "<span class=\"" + kind + "\">" + mark + Html.bdi(example.topic()) + "</span>\n";
    }
}
