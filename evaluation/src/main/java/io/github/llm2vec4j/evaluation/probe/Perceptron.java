package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A perceptron with one hidden layer of rectified units, trained by Adam on the log loss: scikit-learn's {@code
 * MLPClassifier} with its default settings, on standardised columns. It stops when the loss of an epoch has not gone down
 * by 1e-4 for more than 10 epochs. The same seed gives the same classifier.
 */
public final class Perceptron implements Classifier {
    private static final double RATE = 1e-3;
    private static final double DECAY_1 = 0.9;
    private static final double DECAY_2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final double L2 = 1e-4;
    private static final double TOLERANCE = 1e-4;
    private static final int PATIENCE = 10;

    private final List<String> classes;
    private final Layers layers;
    private final double[] mean;
    private final double[] factor;

    private Perceptron(List<String> classes, Layers layers, double[] mean, double[] factor) {
        this.classes = classes;
        this.layers = layers;
        this.mean = mean;
        this.factor = factor;
    }

    /**
     * How to train.
     *
     * @param hidden units of the hidden layer
     * @param batch rows a step, at most
     * @param epochs at most
     * @param shuffle whether each epoch takes the rows in another order
     */
    public record Settings(int hidden, int batch, int epochs, boolean shuffle) {
        /** scikit-learn's. */
        public static final Settings STANDARD = new Settings(100, 200, 200, true);

        public Settings {
            if (hidden < 1 || batch < 1 || epochs < 1) {
                throw new IllegalArgumentException("expected hidden, batch and epochs of at least 1, found " + hidden
                        + ", " + batch + ", " + epochs);
            }
        }
    }

    /**
     * Weights and biases: in (dim, hidden), inBias (hidden), out (hidden, outputs), outBias (outputs), each in row order;
     * one output for two classes.
     */
    record Layers(double[] in, double[] out, double[] inBias, double[] outBias) {
        double[][] all() {
            return new double[][] {in, out, inBias, outBias};
        }

        /** Uniform within the bound of Glorot and Bengio. */
        static Layers random(int dim, int hidden, int outputs, SplittableRandom random) {
            double first = Math.sqrt(6.0 / (dim + hidden));
            double second = Math.sqrt(6.0 / (hidden + outputs));
            return new Layers(
                    random.doubles((long) dim * hidden, -first, first).toArray(),
                    random.doubles((long) hidden * outputs, -second, second).toArray(),
                    random.doubles(hidden, -first, first).toArray(),
                    random.doubles(outputs, -second, second).toArray());
        }
    }

    /** Trains with {@link Settings#STANDARD}. */
    public static Perceptron fit(DenseRows rows, List<String> labels, long seed) {
        Labels gold = Labels.of(rows, labels);
        SplittableRandom random = new SplittableRandom(seed);
        int outputs = gold.classes().size() <= 2 ? 1 : gold.classes().size();
        Settings settings = Settings.STANDARD;
        Layers layers = Layers.random(rows.dim(), settings.hidden(), outputs, random);
        Scaling scaling = Scaling.of(rows);
        double varying = Arrays.stream(scaling.factor()).filter(f -> f != 0).count();
        double[] factor = Arrays.stream(scaling.factor())
                .map(f -> f * Math.sqrt(Math.max(1, varying)))
                .toArray();
        Perceptron perceptron = new Perceptron(gold.classes(), layers, scaling.mean(), factor);
        perceptron.train(rows, gold, settings, random);
        return perceptron;
    }

    /** Trains from given weights on rows as they are. */
    static Perceptron fit(DenseRows rows, List<String> labels, Layers start, Settings settings) {
        Labels gold = Labels.of(rows, labels);
        double[] ones = new double[rows.dim()];
        Arrays.fill(ones, 1);
        Perceptron perceptron = new Perceptron(gold.classes(), start, new double[rows.dim()], ones);
        perceptron.train(rows, gold, settings, new SplittableRandom(0));
        return perceptron;
    }

    private void train(DenseRows rows, Labels gold, Settings settings, SplittableRandom random) {
        if (classes.size() == 1) {
            return;
        }
        double[][] scaled = Arrays.stream(rows.values()).map(this::scaled).toArray(double[][]::new);
        int[] order = new int[scaled.length];
        Arrays.setAll(order, i -> i);
        Adam adam = new Adam(layers.all());
        double best = Double.POSITIVE_INFINITY;
        int stale = 0;
        for (int epoch = 0; epoch < settings.epochs() && stale <= PATIENCE; epoch++) {
            if (settings.shuffle()) {
                shuffle(order, random);
            }
            double loss = 0;
            for (int from = 0; from < order.length; from += settings.batch()) {
                int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batch()));
                loss += batch.length * step(scaled, gold, batch, adam);
            }
            loss /= order.length;
            stale = loss > best - TOLERANCE ? stale + 1 : 0;
            best = Math.min(best, loss);
        }
    }

    /** One step of Adam; gives the loss of the batch before it. */
    private double step(double[][] rows, Labels gold, int[] batch, Adam adam) {
        double[][] gradients = adam.zeroGradients();
        int outputs = layers.outBias().length;
        double loss = 0;
        for (int row : batch) {
            double[] hidden = hidden(rows[row]);
            double[] p = SoftmaxRegression.probabilities(outputs(hidden));
            loss -= Math.log(Math.max(p[gold.numbers()[row]], Double.MIN_NORMAL));
            double[] back = new double[hidden.length];
            for (int o = 0; o < outputs; o++) {
                int label = outputs == 1 ? 1 : o;
                double error = (p[label] - (gold.numbers()[row] == label ? 1 : 0)) / batch.length;
                gradients[3][o] += error;
                for (int h = 0; h < hidden.length; h++) {
                    gradients[1][h * outputs + o] += error * hidden[h];
                    back[h] += hidden[h] > 0 ? error * layers.out()[h * outputs + o] : 0;
                }
            }
            add(gradients[2], 0, back, 1);
            for (int d = 0; d < rows[row].length; d++) {
                add(gradients[0], d * back.length, back, rows[row][d]);
            }
        }
        loss /= batch.length;
        for (int part = 0; part < 2; part++) {
            double[] weights = layers.all()[part];
            for (int k = 0; k < weights.length; k++) {
                gradients[part][k] += L2 * weights[k] / batch.length;
                loss += L2 * weights[k] * weights[k] / 2 / batch.length;
            }
        }
        adam.update(gradients);
        return loss;
    }

    private double[] hidden(double[] row) {
        double[] hidden = layers.inBias().clone();
        for (int d = 0; d < row.length; d++) {
            add(hidden, layers.in(), d * hidden.length, row[d]);
        }
        for (int h = 0; h < hidden.length; h++) {
            hidden[h] = Math.max(0, hidden[h]);
        }
        return hidden;
    }

    private double[] outputs(double[] hidden) {
        double[] outputs = layers.outBias().clone();
        for (int h = 0; h < hidden.length; h++) {
            add(outputs, layers.out(), h * outputs.length, hidden[h]);
        }
        return outputs;
    }

    private static void add(double[] target, double[] source, int from, double factor) {
        for (int i = 0; i < target.length; i++) {
            target[i] += factor * source[from + i];
        }
    }

    private static void add(double[] target, int from, double[] source, double factor) {
        for (int i = 0; i < source.length; i++) {
            target[from + i] += factor * source[i];
        }
    }

    private double[] scaled(float[] row) {
        if (row.length != mean.length) {
            throw new IllegalArgumentException("expected rows of " + mean.length + " values, found " + row.length);
        }
        double[] scaled = new double[row.length];
        for (int d = 0; d < row.length; d++) {
            scaled[d] = (row[d] - mean[d]) * factor[d];
        }
        return scaled;
    }

    /** double[rows][classes], each row with the sum 1. */
    public double[][] probabilities(DenseRows rows) {
        return Arrays.stream(rows.values())
                .map(row -> classes.size() == 1
                        ? new double[] {1}
                        : SoftmaxRegression.probabilities(outputs(hidden(scaled(row)))))
                .toArray(double[][]::new);
    }

    @Override
    public List<String> predict(Rows rows) {
        return Arrays.stream(probabilities((DenseRows) rows))
                .map(p -> classes.get(argMax(p)))
                .toList();
    }

    static int argMax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
    }

    private static final class Adam {
        private final double[][] parameters;
        private final double[][] firstMoments;
        private final double[][] secondMoments;
        private int steps;

        Adam(double[][] parameters) {
            this.parameters = parameters;
            firstMoments = zeroGradients();
            secondMoments = zeroGradients();
        }

        double[][] zeroGradients() {
            return Arrays.stream(parameters).map(p -> new double[p.length]).toArray(double[][]::new);
        }

        void update(double[][] gradients) {
            steps++;
            double rate = RATE * Math.sqrt(1 - Math.pow(DECAY_2, steps)) / (1 - Math.pow(DECAY_1, steps));
            for (int part = 0; part < parameters.length; part++) {
                double[] m = firstMoments[part];
                double[] v = secondMoments[part];
                for (int k = 0; k < m.length; k++) {
                    double g = gradients[part][k];
                    m[k] = DECAY_1 * m[k] + (1 - DECAY_1) * g;
                    v[k] = DECAY_2 * v[k] + (1 - DECAY_2) * g * g;
                    parameters[part][k] -= rate * m[k] / (Math.sqrt(v[k]) + EPSILON);
                }
            }
        }
    }
}
