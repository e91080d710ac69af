package io.github.llm2vec4j.evaluation.report;

import java.util.List;
import java.util.Locale;

/** Heat maps as inline SVG: the last layer on top, the first token on the left; the deeper the colour the more alike. */
final class HeatMapSection {
    private static final int CELL_WIDTH = 14;
    private static final int MAP_HEIGHT = 168;
    private static final int MAX_CELL_HEIGHT = 22;
    private static final int LEFT = 34;
    private static final int RIGHT = 44;
    private static final int BOTTOM = 22;

    private HeatMapSection() {}

    static String html(List<HeatMap> maps) {
        StringBuilder out = new StringBuilder("<div class=\"heats\">\n");
        maps.forEach(map -> out.append(figure(map)));
        return out.append("</div>\n<p class=\"note\">")
                .append(
                        "Up: layers, the last on top. Right: positions of tokens, from the first. The deeper the colour the ")
                .append("nearer the cosine is to 1; none is 0 or less. At the right the mean of each layer.</p>\n")
                .toString();
    }

    private static String figure(HeatMap map) {
        int rows = map.layers().size();
        int columns = map.cosines().stream().mapToInt(List::size).max().orElse(0);
        int height = Math.max(4, Math.min(MAX_CELL_HEIGHT, MAP_HEIGHT / Math.max(1, rows)));
        int label = Math.max(1, 14 / height); // lines that a label needs
        StringBuilder out = new StringBuilder("<figure class=\"heat\"><figcaption><b>")
                .append(Html.escape(map.title()))
                .append("</b> " + Figures.count(map.texts()) + " texts</figcaption>\n")
                .append(String.format(
                        Locale.ROOT,
                        "<svg width=\"%1$d\" viewBox=\"0 0 %1$d %2$d\" role=\"img\" aria-label=\"Cosines by layer and position, %3$s\">%n",
                        LEFT + columns * CELL_WIDTH + RIGHT,
                        rows * height + BOTTOM,
                        Html.escape(map.title())));
        for (int r = 0; r < rows; r++) {
            int y = (rows - 1 - r) * height;
            List<Double> line = map.cosines().get(r);
            for (int p = 0; p < line.size(); p++) {
                out.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill-opacity=\"%.3f\"><title>layer %d, token %d: %s</title></rect>%n",
                        LEFT + p * CELL_WIDTH,
                        y,
                        CELL_WIDTH,
                        height,
                        Math.max(0, Math.min(1, line.get(p))),
                        map.layers().get(r),
                        p + 1,
                        Figures.cosine(line.get(p))));
            }
            if (r % label == 0 || r == rows - 1) {
                out.append(text(
                                LEFT - 6,
                                y + height / 2 + 4,
                                "end",
                                map.layers().get(r).toString()))
                        .append(text(
                                LEFT + columns * CELL_WIDTH + 6,
                                y + height / 2 + 4,
                                "start",
                                Figures.cosine(map.mean(r))));
            }
        }
        for (int p = 0; p < columns; p++) {
            if (p == 0 || (p + 1) % 5 == 0) {
                out.append(text(
                        LEFT + p * CELL_WIDTH + CELL_WIDTH / 2, rows * height + 15, "middle", String.valueOf(p + 1)));
            }
        }
        return out.append("</svg></figure>\n").toString();
    }

    private static String text(int x, int y, String anchor, String text) {
        return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + anchor + "\">" + Html.escape(text)
                + "</text>\n";
    }
}
