package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the loss of a training stage went.
 *
 * @param stage the stage's name
 * @param training one a step, steps rising
 * @param heldOut one a scoring, steps rising
 * @param traces what else was measured at each step of {@code training}, by name; a value each
 */
public record LossCurve(String stage, List<Point> training, List<HeldOut> heldOut, Map<String, List<Double>> traces) {

    public static final String GRADIENT_NORM = "gradient norm";
    public static final String LEARNING_RATE = "learning rate";
    public static final String TOKENS_PER_SECOND = "tokens per second";

    /** The key of the held-out loss among the scores. */
    public static final String LOSS = "loss";

    private static final String SCORE_PREFIX = "eval_";

    /** The training loss of one step. */
    public record Point(long step, double loss) {}

    /** The held-out scores after a step, {@value #LOSS} and others such as accuracy. */
    public record HeldOut(long step, Map<String, Double> scores) {
        public HeldOut {
            scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        }
    }

    public LossCurve {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
        traces = Collections.unmodifiableMap(new LinkedHashMap<>(traces));
        for (Map.Entry<String, List<Double>> trace : traces.entrySet()) {
            if (trace.getValue().size() != training.size()) {
                throw new IllegalArgumentException("curve of " + stage + ": expected " + training.size() + " values of "
                        + trace.getKey() + ", found " + trace.getValue().size());
            }
        }
        requireRising(stage, training.stream().map(Point::step).toList());
        requireRising(stage, heldOut.stream().map(HeldOut::step).toList());
    }

    /** The loss alone. */
    public LossCurve(String stage, List<Point> training, List<HeldOut> heldOut) {
        this(stage, training, heldOut, Map.of());
    }

    private static void requireRising(String stage, List<Long> steps) {
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i) <= steps.get(i - 1)) {
                throw new IllegalArgumentException("curve of " + stage + ": expected rising steps, found "
                        + steps.get(i - 1) + " before " + steps.get(i));
            }
        }
    }

    /** From the lines of a training log: {@code {"step", "loss", …}} and {@code {"step", "eval_loss", "eval_…"}}. */
    public static LossCurve ofLog(String stage, List<JsonNode> lines) {
        Map<String, List<Double>> traces = new LinkedHashMap<>();
        List<Point> training = new ArrayList<>();
        List<HeldOut> heldOut = new ArrayList<>();
        for (JsonNode line : lines) {
            long step = line.path("step").asLong();
            if (line.has("loss")) {
                training.add(new Point(step, line.get("loss").asDouble(Double.NaN)));
                trace(traces, GRADIENT_NORM, line.path("grad_norm").asDouble(Double.NaN));
                trace(traces, LEARNING_RATE, line.path("learning_rate").asDouble(Double.NaN));
                double seconds = line.path("seconds").asDouble(Double.NaN);
                trace(traces, TOKENS_PER_SECOND, line.path("tokens").asDouble(Double.NaN) / seconds);
            }
            Map<String, Double> scores = new LinkedHashMap<>();
            line.properties().forEach(entry -> {
                if (entry.getKey().startsWith(SCORE_PREFIX)) {
                    scores.put(
                            entry.getKey().substring(SCORE_PREFIX.length()),
                            entry.getValue().asDouble(Double.NaN));
                }
            });
            if (!scores.isEmpty()) {
                heldOut.add(new HeldOut(step, scores));
            }
        }
        traces.values().removeIf(values -> values.stream().noneMatch(Double::isFinite));
        return new LossCurve(stage, training, heldOut, traces);
    }

    private static void trace(Map<String, List<Double>> traces, String name, double value) {
        traces.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    /**
     * The training loss smoothed: at each point the mean over a twentieth of the run around it, cut off at the ends. A
     * loss that is not a number is passed over.
     */
    public double[] smoothed() {
        int count = training.size();
        int radius = Math.max(1, count / 40);
        double[] smooth = new double[count];
        for (int i = 0; i < count; i++) {
            smooth[i] = training.subList(Math.max(0, i - radius), Math.min(count, i + radius + 1)).stream()
                    .mapToDouble(Point::loss)
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
        }
        return smooth;
    }
}
