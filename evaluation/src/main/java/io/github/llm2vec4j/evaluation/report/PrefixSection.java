package io.github.llm2vec4j.evaluation.report;

import java.util.List;

/** The scores of beginnings, a line a model and layer. */
final class PrefixSection {
    private PrefixSection() {}

    static String html(List<PrefixScores> all) {
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"findings\"><thead><tr>")
                .append("<th scope=\"col\">Model</th><th scope=\"col\" class=\"number\">Layer</th>")
                .append("<th scope=\"col\" class=\"number\">Cosine, same meaning</th>")
                .append("<th scope=\"col\" class=\"number\">Cosine, other meaning</th>")
                .append("<th scope=\"col\" class=\"number\">Gap</th>")
                .append("<th scope=\"col\" class=\"number\">Told apart</th></tr></thead><tbody>\n");
        for (PrefixScores scores : all) {
            String row = "<tr class=\"first\">";
            String shown = Html.escape(scores.model());
            for (PrefixScores.AtLayer layer : scores.layers()) {
                out.append(row)
                        .append("<th scope=\"row\">" + shown + "</th>")
                        .append(number(String.valueOf(layer.layer())))
                        .append(number(Figures.fineCosine(layer.paraphrase())))
                        .append(number(Figures.fineCosine(layer.other())))
                        .append(number(Figures.fineCosine(layer.paraphrase() - layer.other()) + " <small>"
                                + Figures.fineCosine(layer.gap().low()) + " to "
                                + Figures.fineCosine(layer.gap().high()) + "</small>"))
                        .append(number(Figures.score(layer.accuracy())))
                        .append("</tr>\n");
                row = "<tr>";
                shown = "<span class=\"repeat\">" + Html.escape(scores.model()) + "</span>";
            }
        }
        return out.append("</tbody></table></div>\n<p class=\"note\">")
                .append(
                        "Three texts begin alike; two of them go on with the same meaning, the third, which shares its words, with another. Only the ")
                .append(
                        "tokens of the common beginning are pooled, by their mean, so what is told apart is what came into ")
                .append(
                        "them from behind. With causal attention nothing can: the cosines are 1 and half are told apart by ")
                .append("chance. The gap has its 95% interval (bootstrap over triples).</p>\n")
                .toString();
    }

    private static String number(String html) {
        return "<td class=\"number\">" + html + "</td>";
    }
}
