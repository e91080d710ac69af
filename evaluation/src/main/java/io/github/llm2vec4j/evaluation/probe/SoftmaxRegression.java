package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;
import java.util.List;

/**
 * Multinomial logistic regression on rows as they are, with the loss {@code |w|^2 / 2 + C * sum of log losses} and a free
 * bias: scikit-learn's {@code LogisticRegression(C)}, which MTEB puts on a few labelled texts. For two classes there is
 * one weight vector, as there. Trained to the optimum by L-BFGS.
 */
public final class SoftmaxRegression implements Classifier {
    private static final double TOLERANCE = 1e-6;
    private static final int MAX_ITERATIONS = 1000;

    private final List<String> classes;
    private final double[] weights; // (output, dim + 1), the bias last; one output for two classes
    private final int dim;

    private SoftmaxRegression(List<String> classes, double[] weights, int dim) {
        this.classes = classes;
        this.weights = weights;
        this.dim = dim;
    }

    /**
     * Trains on rows and their labels.
     *
     * @throws IllegalArgumentException when there are no rows, or not one label a row
     */
    public static SoftmaxRegression fit(DenseRows rows, List<String> labels, double c) {
        Labels gold = Labels.of(rows, labels);
        int outputs = outputs(gold.classes().size());
        double[] weights = new double[outputs * (rows.dim() + 1)];
        Lbfgs.Objective loss = (point, gradient) -> loss(rows, gold, c, point, gradient);
        if (gold.classes().size() > 1) {
            Lbfgs.minimise(loss, weights, TOLERANCE, MAX_ITERATIONS);
        }
        return new SoftmaxRegression(gold.classes(), weights, rows.dim());
    }

    private static int outputs(int classes) {
        return classes <= 2 ? 1 : classes;
    }

    private static double loss(DenseRows rows, Labels gold, double c, double[] weights, double[] gradient) {
        int width = rows.dim() + 1;
        int outputs = weights.length / width;
        double loss = 0;
        Arrays.fill(gradient, 0);
        for (int i = 0; i < rows.size(); i++) {
            float[] row = rows.values()[i];
            double[] p = probabilities(scores(row, weights, outputs));
            loss -= c * Math.log(Math.max(p[gold.numbers()[i]], Double.MIN_NORMAL));
            for (int o = 0; o < outputs; o++) {
                int label = outputs == 1 ? 1 : o;
                double error = c * (p[label] - (gold.numbers()[i] == label ? 1 : 0));
                for (int j = 0; j < row.length; j++) {
                    gradient[o * width + j] += error * row[j];
                }
                gradient[o * width + width - 1] += error;
            }
        }
        for (int k = 0; k < weights.length; k++) {
            if (k % width != width - 1) {
                loss += weights[k] * weights[k] / 2;
                gradient[k] += weights[k];
            }
        }
        return loss;
    }

    private static double[] scores(float[] row, double[] weights, int outputs) {
        double[] scores = new double[outputs];
        int width = row.length + 1;
        for (int o = 0; o < outputs; o++) {
            double sum = weights[o * width + width - 1];
            for (int j = 0; j < row.length; j++) {
                sum += weights[o * width + j] * row[j];
            }
            scores[o] = sum;
        }
        return scores;
    }

    /** Softmax; for one score s the probabilities of the first and the second class, the second's being sigmoid(s). */
    static double[] probabilities(double[] scores) {
        double[] all = scores.length == 1 ? new double[] {0, scores[0]} : scores;
        double max = Arrays.stream(all).max().orElse(0);
        double[] p = new double[all.length];
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            p[k] = Math.exp(all[k] - max);
            sum += p[k];
        }
        for (int k = 0; k < p.length; k++) {
            p[k] /= sum;
        }
        return p;
    }

    /** double[rows][classes], each row with the sum 1. */
    public double[][] probabilities(DenseRows rows) {
        if (rows.size() > 0 && rows.dim() != dim) {
            throw new IllegalArgumentException("expected rows of " + dim + " values, found " + rows.dim());
        }
        int outputs = outputs(classes.size());
        return Arrays.stream(rows.values())
                .map(row -> classes.size() == 1 ? new double[] {1} : probabilities(scores(row, weights, outputs)))
                .toArray(double[][]::new);
    }

    @Override
    public List<String> predict(Rows rows) {
        return Arrays.stream(probabilities((DenseRows) rows))
                .map(p -> classes.get(Perceptron.argMax(p)))
                .toList();
    }
}
