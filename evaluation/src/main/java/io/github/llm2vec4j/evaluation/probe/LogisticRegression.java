package io.github.llm2vec4j.evaluation.probe;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * L2-regularised logistic regression, one class against the rest, by liblinear's trust-region Newton method (primal):
 * minimises {@code |w|^2 / 2 + C * sum log(1 + exp(-y (w x + b)))} for each class. The bias is not regularised. Rows
 * are scaled first (dense: standardised by the train rows; sparse: L2 norm 1; both to a mean squared norm near 1), so
 * C means the same for every encoder. Deterministic; classes are trained in parallel on the common pool.
 *
 * <p>Memory while training dense rows: 28 bytes a value.
 */
public final class LogisticRegression implements Classifier {
    static {
        Linear.disableDebugOutput();
    }

    private final List<String> classes;
    private final Scaling scaling;
    private final double[][] weights; // (class, dim + 1) over scaled rows, bias last; one row serves two classes
    private final Settings settings;

    private LogisticRegression(List<String> classes, Scaling scaling, double[][] weights, Settings settings) {
        this.classes = classes;
        this.scaling = scaling;
        this.weights = weights;
        this.settings = settings;
    }

    /**
     * How to train.
     *
     * @param c inverse strength of the regularisation, on scaled rows
     * @param tolerance liblinear's stopping tolerance (its default is 0.01)
     * @param maxIterations cap on Newton steps
     */
    public record Settings(double c, double tolerance, int maxIterations) {
        /** For tens of thousands of words: a fixed C, and a loose tolerance, which costs no accuracy worth the time. */
        public static final Settings WORDS = new Settings(10, 0.1, 20);

        /** For sentences; C is then chosen by {@link LogisticRegression#fitChoosingC}. */
        public static final Settings SENTENCES = new Settings(10, 0.01, 100);

        public Settings {
            if (!(c > 0) || !(tolerance > 0) || maxIterations < 1) {
                throw new IllegalArgumentException("expected c > 0, tolerance > 0 and maxIterations >= 1, found " + c
                        + ", " + tolerance + ", " + maxIterations);
            }
        }

        Settings withC(double value) {
            return new Settings(value, tolerance, maxIterations);
        }
    }

    /**
     * Trains on rows and their labels.
     *
     * @throws IllegalArgumentException when there are no rows, or not one label a row
     */
    public static LogisticRegression fit(Rows rows, List<String> labels, Settings settings) {
        if (rows.size() != labels.size() || labels.isEmpty()) {
            throw new IllegalArgumentException("expected one label for each of " + rows.size()
                    + " rows and at least one row, found " + labels.size() + " labels");
        }
        List<String> classes = List.copyOf(new TreeSet<>(labels));
        Scaling scaling = Scaling.of(rows);
        int separators = classes.size() == 2 ? 1 : classes.size();
        double[][] weights = new double[separators][rows.dim() + 1];
        if (classes.size() > 1) {
            Feature[][] features = scaling.features(rows);
            IntStream.range(0, separators).parallel().forEach(c -> {
                double[] targets = labels.stream()
                        .mapToDouble(label -> label.equals(classes.get(c)) ? 1 : -1)
                        .toArray();
                weights[c] = separator(features, targets, rows.dim() + 1, settings);
            });
        }
        return new LogisticRegression(classes, scaling, weights, settings);
    }

    /**
     * Trains with the C of {@code grid} that is most accurate on a held-out fifth of the given rows (every fifth row of
     * each label; the smaller C where two tie), then on all rows. With fewer than 50 rows it keeps the C of
     * {@code settings}.
     */
    public static LogisticRegression fitChoosingC(Rows rows, List<String> labels, Settings settings, double... grid) {
        if (rows.size() < 50) {
            return fit(rows, labels, settings);
        }
        Map<String, Integer> seen = new HashMap<>();
        IntStream.Builder keptRows = IntStream.builder();
        IntStream.Builder heldOutRows = IntStream.builder();
        for (int i = 0; i < labels.size(); i++) {
            (seen.merge(labels.get(i), 1, Integer::sum) % 5 == 0 ? heldOutRows : keptRows).add(i);
        }
        int[] kept = keptRows.build().toArray();
        int[] heldOut = heldOutRows.build().toArray();
        List<String> keptLabels = Arrays.stream(kept).mapToObj(labels::get).toList();
        List<String> heldOutLabels =
                Arrays.stream(heldOut).mapToObj(labels::get).toList();
        double bestC = settings.c();
        long bestCorrect = -1;
        for (double c : Arrays.stream(grid).sorted().toArray()) {
            List<String> predicted =
                    fit(rows.select(kept), keptLabels, settings.withC(c)).predict(rows.select(heldOut));
            long correct = IntStream.range(0, heldOut.length)
                    .filter(i -> predicted.get(i).equals(heldOutLabels.get(i)))
                    .count();
            if (correct > bestCorrect) {
                bestCorrect = correct;
                bestC = c;
            }
        }
        return fit(rows, labels, settings.withC(bestC));
    }

    /** The labels it knows, in alphabetical order. */
    public List<String> classes() {
        return classes;
    }

    /** What it was trained with, C as chosen. */
    public Settings settings() {
        return settings;
    }

    @Override
    public List<String> predict(Rows rows) {
        return Arrays.stream(decisions(rows))
                .map(row -> classes.get(classes.size() == 2 ? (row[0] > 0 ? 0 : 1) : argMax(row)))
                .toList();
    }

    /** {@code w x + b}: double[rows][classes], for two classes one column, positive for the first class. */
    public double[][] decisions(Rows rows) {
        if (rows.size() > 0 && rows.dim() != weights[0].length - 1) {
            throw new IllegalArgumentException(
                    "expected rows of " + (weights[0].length - 1) + " values, found " + rows.dim());
        }
        int block = 1024; // keeps the transient liblinear form of dense rows small
        double[][] result = new double[rows.size()][];
        for (int from = 0; from < rows.size(); from += block) {
            int[] selected =
                    IntStream.range(from, Math.min(rows.size(), from + block)).toArray();
            Feature[][] features = scaling.features(rows.select(selected));
            for (int i = 0; i < features.length; i++) {
                result[from + i] = decide(features[i]);
            }
        }
        return result;
    }

    private double[] decide(Feature[] row) {
        double[] sums = new double[weights.length];
        for (int c = 0; c < sums.length; c++) {
            for (Feature feature : row) {
                sums[c] += weights[c][feature.getIndex() - 1] * feature.getValue();
            }
        }
        return sums;
    }

    private static double[] separator(Feature[][] features, double[] targets, int columns, Settings settings) {
        Problem problem = new Problem();
        problem.l = features.length;
        problem.n = columns;
        problem.bias = 1;
        problem.x = features;
        problem.y = targets;
        Parameter parameter =
                new Parameter(SolverType.L2R_LR, settings.c(), settings.maxIterations(), settings.tolerance());
        parameter.setRegularizeBias(false);
        Model model = Linear.train(problem, parameter);
        double sign = model.getLabels()[0] == 1 ? 1 : -1;
        return Arrays.stream(model.getFeatureWeights()).map(w -> sign * w).toArray();
    }

    private static int argMax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
