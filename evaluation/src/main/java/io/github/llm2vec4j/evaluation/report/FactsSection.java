package io.github.llm2vec4j.evaluation.report;

import java.util.List;

/** Settings, versions, host and data, folded away. */
final class FactsSection {
    private FactsSection() {}

    static String html(List<Facts> facts) {
        StringBuilder out = new StringBuilder();
        for (Facts block : facts) {
            out.append("<details class=\"facts\"><summary>" + Html.escape(block.title()) + " <small>"
                    + block.entries().size() + "</small></summary><dl>\n");
            block.entries()
                    .forEach((name, value) -> out.append("<div><dt>" + Html.escape(name) + "</dt><dd>")
                            .append(Html.bdi(value))
                            .append("</dd></div>\n"));
            out.append("</dl></details>\n");
        }
        return out.toString();
    }
}
