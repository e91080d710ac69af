package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The loss curves; the page's script draws them from {@link #data}. */
final class CurvesSection {
    /** Of a longer run only every n-th step is drawn; the smoothed line is made of all. */
    private static final int STEPS_DRAWN = 1500;

    /** Says the same as the loss, on a scale that is hard to read. */
    private static final Set<String> NOT_DRAWN = Set.of(LossCurve.LOSS, "perplexity");

    private CurvesSection() {}

    /** @param open whether all plots are seen at once */
    static String html(List<LossCurve> curves, boolean open) {
        StringBuilder out = new StringBuilder("<div class=\"curves\">\n");
        for (int i = 0; i < curves.size(); i++) {
            LossCurve curve = curves.get(i);
            out.append("<figure class=\"curve\"><figcaption><b>" + Html.escape(curve.stage()) + "</b> ")
                    .append(Html.escape(words(curve)))
                    .append("</figcaption>\n<div class=\"plot\" data-curve=\"" + i
                            + "\" data-score=\"loss\" data-title=\"Loss\"></div>\n");
            for (String score : scores(curve)) {
                small(out, i, score, "Held-out " + Figures.metric(score));
            }
            if (!curve.traces().isEmpty()) {
                out.append("<details class=\"traces\"" + (open ? " open" : "") + "><summary>")
                        .append(Html.escape(
                                sentence(String.join(", ", curve.traces().keySet()))))
                        .append("</summary>\n");
                for (String trace : curve.traces().keySet()) {
                    small(out, i, trace, sentence(trace));
                }
                out.append("</details>\n");
            }
            out.append("</figure>\n");
        }
        return out.append("</div>\n").toString();
    }

    private static void small(StringBuilder out, int curve, String score, String title) {
        out.append("<div class=\"plot small\" data-curve=\"" + curve + "\" data-score=\"" + Html.escape(score)
                + "\" data-title=\"" + Html.escape(title) + "\"></div>\n");
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + words.substring(1);
    }

    /** First and last figures, for those who cannot see the chart. */
    private static String words(LossCurve curve) {
        StringBuilder words = new StringBuilder();
        if (!curve.training().isEmpty()) {
            double[] smooth = curve.smoothed();
            words.append(Figures.count(curve.training().get(smooth.length - 1).step()))
                    .append(" steps, training loss ")
                    .append(Figures.loss(smooth[0]))
                    .append(" → ")
                    .append(Figures.loss(smooth[smooth.length - 1]));
        }
        if (!curve.heldOut().isEmpty()) {
            LossCurve.HeldOut first = curve.heldOut().get(0);
            LossCurve.HeldOut last = curve.heldOut().get(curve.heldOut().size() - 1);
            last.scores().forEach((name, value) -> {
                Double before = first.scores().get(name);
                words.append(words.isEmpty() ? "held-out " : "; held-out ")
                        .append(Figures.metric(name))
                        .append(" ")
                        .append(before == null ? "" : Figures.loss(before) + " → ")
                        .append(Figures.loss(value));
            });
        }
        return words.toString();
    }

    private static List<String> scores(LossCurve curve) {
        return curve.heldOut().stream()
                .flatMap(scoring -> scoring.scores().keySet().stream())
                .distinct()
                .filter(name -> !NOT_DRAWN.contains(name))
                .toList();
    }

    /**
     * {@code [{"loss": {"steps", "raw", "smooth", "held_out"}, "learning rate": {"steps", "line"}, "accuracy": {"steps",
     * "held_out"}}]}, gaps as null.
     */
    static ArrayNode data(List<LossCurve> curves) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (LossCurve curve : curves) {
            ObjectNode node = all.addObject();
            node.set("loss", loss(curve));
            curve.traces().forEach((name, values) -> node.set(Html.visible(name), trace(curve, values)));
            for (String score : scores(curve)) {
                ObjectNode plot = node.putObject(Html.visible(score));
                ArrayNode steps = plot.putArray("steps");
                ArrayNode values = plot.putArray("held_out");
                for (LossCurve.HeldOut scoring : curve.heldOut()) {
                    steps.add(scoring.step());
                    values.add(ReportJson.number(
                            Objects.requireNonNullElse(scoring.scores().get(score), Double.NaN)));
                }
            }
        }
        return all;
    }

    private static ObjectNode trace(LossCurve curve, List<Double> values) {
        ObjectNode plot = JsonNodeFactory.instance.objectNode();
        ArrayNode steps = plot.putArray("steps");
        ArrayNode line = plot.putArray("line");
        for (int i : drawn(values.size())) {
            steps.add(curve.training().get(i).step());
            line.add(ReportJson.number(values.get(i)));
        }
        return plot;
    }

    /** The indices that are drawn of so many steps. */
    private static int[] drawn(int count) {
        int stride = Math.max(1, count / STEPS_DRAWN);
        return IntStream.range(0, count)
                .filter(i -> i % stride == 0 || i == count - 1)
                .toArray();
    }

    private static ObjectNode loss(LossCurve curve) {
        double[] smooth = curve.smoothed();
        ObjectNode plot = JsonNodeFactory.instance.objectNode();
        TreeSet<Long> steps = new TreeSet<>();
        int[] drawn = drawn(curve.training().size());
        IntStream.of(drawn).forEach(i -> steps.add(curve.training().get(i).step()));
        curve.heldOut().forEach(scoring -> steps.add(scoring.step()));
        Map<Long, Integer> at = new HashMap<>();
        IntStream.of(drawn).forEach(i -> at.put(curve.training().get(i).step(), i));
        ArrayNode stepNodes = plot.putArray("steps");
        ArrayNode raw = plot.putArray("raw");
        ArrayNode smoothNodes = plot.putArray("smooth");
        ArrayNode heldOut = plot.putArray("held_out");
        Map<Long, Double> scored = new HashMap<>();
        curve.heldOut()
                .forEach(s -> scored.put(
                        s.step(), Objects.requireNonNullElse(s.scores().get(LossCurve.LOSS), Double.NaN)));
        for (long step : steps) {
            Integer i = at.get(step);
            stepNodes.add(step);
            raw.add(ReportJson.number(
                    i == null ? Double.NaN : curve.training().get(i).loss()));
            smoothNodes.add(ReportJson.number(i == null ? Double.NaN : smooth[i]));
            heldOut.add(ReportJson.number(scored.getOrDefault(step, Double.NaN)));
        }
        return plot;
    }
}
