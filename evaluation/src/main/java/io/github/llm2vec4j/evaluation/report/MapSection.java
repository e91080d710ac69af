package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Locale;

/** The maps as inline SVG; the page's script adds what is shown on hovering, from {@link #data}. */
final class MapSection {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 400;
    private static final int MARGIN = 14;
    private static final int COLOURS = 12;
    private static final int SHAPES = 4;

    private final EmbeddingMap map;
    private final List<String> topics;

    MapSection(EmbeddingMap map) {
        this.map = map;
        topics = map.topics();
    }

    String html() {
        StringBuilder out = new StringBuilder(Resources.own("markers.svg"))
                .append("<div class=\"legend\" role=\"group\" "
                        + "aria-label=\"Topics; choose one to bring it forward\">\n");
        for (int t = 0; t < topics.size(); t++) {
            out.append("<button type=\"button\" aria-pressed=\"false\" data-topic=\"" + t + "\">")
                    .append("<svg viewBox=\"-6 -6 12 12\" aria-hidden=\"true\"><use class=\"" + colour(t)
                            + "\" href=\"#" + marker(t) + "\"/></svg>")
                    .append(Html.bdi(topics.get(t)))
                    .append("</button>\n");
        }
        out.append("</div>\n<div class=\"maps\">\n");
        map.panels().forEach(panel -> out.append(panel(panel)));
        return out.append("</div>\n<p class=\"note\">" + note() + "</p>\n").toString();
    }

    private String note() {
        return Figures.count(map.examples().size())
                + " sentences, mean-pooled and scaled to length 1, on their first two "
                + "principal components; each map has its own axes, only the grouping can be compared. “Same topic” is how "
                + "often the nearest other sentence in all dimensions shares the topic; by chance it would be "
                + Figures.percent(map.sameTopicByChance()) + ".";
    }

    private String panel(EmbeddingMap.Panel panel) {
        StringBuilder out = new StringBuilder("<figure class=\"map\"><figcaption><b>")
                .append(Html.escape(panel.model()))
                .append("</b> same topic " + Figures.percent(panel.sameTopic()) + ", plane shows "
                        + Figures.percent(panel.projection().explained()) + " of the variance</figcaption>\n")
                .append("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                        + "\" role=\"img\" aria-label=\"Map of sentences by " + Html.escape(panel.model()) + "\">\n");
        List<Projection.Point> points = panel.projection().points();
        Frame frame = Frame.of(points);
        for (int i = 0; i < points.size(); i++) {
            int topic = topics.indexOf(map.examples().get(i).topic());
            out.append(String.format(
                    Locale.ROOT,
                    "<use href=\"#%s\" class=\"%s\" data-i=\"%d\" x=\"%.1f\" y=\"%.1f\"/>%n",
                    marker(topic),
                    colour(topic),
                    i,
                    frame.x(points.get(i)),
                    frame.y(points.get(i))));
        }
        return out.append("</svg></figure>\n").toString();
    }

    /** One scale for both axes, so that distances are true. */
    private record Frame(double midX, double midY, double scale) {
        static Frame of(List<Projection.Point> points) {
            var x = points.stream().mapToDouble(Projection.Point::x).summaryStatistics();
            var y = points.stream().mapToDouble(Projection.Point::y).summaryStatistics();
            double scale = Math.min(
                    (WIDTH - 2 * MARGIN) / Math.max(1e-9, x.getMax() - x.getMin()),
                    (HEIGHT - 2 * MARGIN) / Math.max(1e-9, y.getMax() - y.getMin()));
            return points.isEmpty()
                    ? new Frame(0, 0, 1)
                    : new Frame((x.getMax() + x.getMin()) / 2, (y.getMax() + y.getMin()) / 2, scale);
        }

        double x(Projection.Point point) {
            return WIDTH / 2.0 + (point.x() - midX) * scale;
        }

        double y(Projection.Point point) {
            return HEIGHT / 2.0 - (point.y() - midY) * scale;
        }
    }

    private static String colour(int topic) {
        return "t" + topic % COLOURS;
    }

    /** Colour and shape together tell topics apart, also without colour vision and past the twelfth. */
    private static String marker(int topic) {
        return "marker" + (topic + topic / COLOURS) % SHAPES;
    }

    /** {@code [{"text", "topic", "topic_index", "dir", "lang"}]}. */
    ArrayNode data() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Example example : map.examples()) {
            all.addObject()
                    .put("text", Html.visible(example.text()))
                    .put("topic", Html.visible(example.topic()))
                    .put("topic_index", topics.indexOf(example.topic()))
                    .put("dir", Html.direction(example.text()))
                    .put("lang", Html.language(example.text()));
        }
        return all;
    }
}
