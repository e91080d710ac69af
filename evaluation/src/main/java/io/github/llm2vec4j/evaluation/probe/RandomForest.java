package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A random forest (Breiman 2001) with scikit-learn's default settings: 100 trees, each on a bootstrap sample, grown until
 * its leaves are pure, every split the best by Gini impurity among the square root of the columns; the trees' class
 * shares are averaged. The same seed gives the same forest, however many threads grow it.
 */
public final class RandomForest implements Classifier {
    private final List<String> classes;
    private final List<Node> trees;

    private RandomForest(List<String> classes, List<Node> trees) {
        this.classes = classes;
        this.trees = trees;
    }

    /**
     * How to grow.
     *
     * @param trees how many
     * @param columns looked at for each split, or 0 for the square root of all
     * @param maxDepth splits from the root to a leaf, at most
     * @param bootstrap whether each tree has its own sample of the rows
     */
    public record Settings(int trees, int columns, int maxDepth, boolean bootstrap) {
        /** scikit-learn's. */
        public static final Settings STANDARD = new Settings(100, 0, Integer.MAX_VALUE, true);

        public Settings {
            if (trees < 1 || columns < 0 || maxDepth < 1) {
                throw new IllegalArgumentException("expected trees >= 1, columns >= 0 and maxDepth >= 1, found " + trees
                        + ", " + columns + ", " + maxDepth);
            }
        }
    }

    /** A split where {@code left} is there, else a leaf with the share of each class. */
    private record Node(
            int column,
            float threshold,
            @Nullable Node left,
            @Nullable Node right,
            double[] shares) {}

    /** The split that leaves the least impurity: rows up to the threshold go left. */
    private record Cut(int column, float threshold, double impurity) {}

    /** Grows with {@link Settings#STANDARD}. */
    public static RandomForest fit(DenseRows rows, List<String> labels, long seed) {
        return fit(rows, labels, Settings.STANDARD, seed);
    }

    /**
     * Grows a forest on rows and their labels.
     *
     * @throws IllegalArgumentException when there are no rows, or not one label a row
     */
    public static RandomForest fit(DenseRows rows, List<String> labels, Settings settings, long seed) {
        Labels gold = Labels.of(rows, labels);
        SplittableRandom root = new SplittableRandom(seed);
        List<SplittableRandom> randoms =
                IntStream.range(0, settings.trees()).mapToObj(t -> root.split()).toList();
        List<Node> trees = randoms.parallelStream()
                .map(random -> new Growing(rows.values(), gold, settings, random).tree())
                .toList();
        return new RandomForest(gold.classes(), trees);
    }

    @Override
    public List<String> predict(Rows rows) {
        return Arrays.stream(((DenseRows) rows).values())
                .map(row -> {
                    double[] shares = new double[classes.size()];
                    for (Node tree : trees) {
                        double[] own = leaf(tree, row).shares();
                        for (int k = 0; k < shares.length; k++) {
                            shares[k] += own[k];
                        }
                    }
                    return classes.get(Perceptron.argMax(shares));
                })
                .toList();
    }

    private static Node leaf(Node tree, float[] row) {
        Node node = tree;
        while (node.left() != null && node.right() != null) {
            node = row[node.column()] <= node.threshold() ? node.left() : node.right();
        }
        return node;
    }

    private static final class Growing {
        private final float[][] rows;
        private final Labels gold;
        private final Settings settings;
        private final SplittableRandom random;

        Growing(float[][] rows, Labels gold, Settings settings, SplittableRandom random) {
            this.rows = rows;
            this.gold = gold;
            this.settings = settings;
            this.random = random;
        }

        Node tree() {
            int[] sample = new int[rows.length];
            Arrays.setAll(sample, i -> settings.bootstrap() ? random.nextInt(rows.length) : i);
            return grow(sample, 0);
        }

        private Node grow(int[] sample, int depth) {
            double[] counts = new double[gold.classes().size()];
            for (int row : sample) {
                counts[gold.numbers()[row]]++;
            }
            boolean pure = Arrays.stream(counts).filter(c -> c > 0).count() == 1;
            Cut cut = pure || depth == settings.maxDepth() ? null : bestCut(sample);
            if (cut == null) {
                return new Node(
                        0,
                        0,
                        null,
                        null,
                        Arrays.stream(counts).map(c -> c / sample.length).toArray());
            }
            int[] left = Arrays.stream(sample)
                    .filter(row -> rows[row][cut.column()] <= cut.threshold())
                    .toArray();
            int[] right = Arrays.stream(sample)
                    .filter(row -> rows[row][cut.column()] > cut.threshold())
                    .toArray();
            return new Node(
                    cut.column(), cut.threshold(), grow(left, depth + 1), grow(right, depth + 1), new double[0]);
        }

        /** Looks at columns in random order until enough that vary were seen; none when all rows are equal. */
        private @Nullable Cut bestCut(int[] sample) {
            int dim = rows[0].length;
            int wanted = settings.columns() > 0 ? settings.columns() : Math.max(1, (int) Math.sqrt(dim));
            int[] columns = new int[dim];
            Arrays.setAll(columns, j -> j);
            Cut best = null;
            int seen = 0;
            for (int i = 0; i < dim && seen < wanted; i++) {
                int j = i + random.nextInt(dim - i);
                int column = columns[j];
                columns[j] = columns[i];
                Cut cut = bestCut(sample, column);
                seen += cut == null ? 0 : 1;
                if (cut != null && (best == null || cut.impurity() < best.impurity())) {
                    best = cut;
                }
            }
            return best;
        }

        private @Nullable Cut bestCut(int[] sample, int column) {
            long[] sorted = new long[sample.length]; // value as an ordered int, then the row
            for (int i = 0; i < sorted.length; i++) {
                int bits = Float.floatToIntBits(rows[sample[i]][column]);
                int ordered = bits < 0 ? ~bits ^ Integer.MIN_VALUE : bits;
                sorted[i] = ((long) ordered << 32) | sample[i];
            }
            Arrays.sort(sorted);
            int classes = gold.classes().size();
            double[] left = new double[classes];
            double[] right = new double[classes];
            double leftSquares = 0;
            double rightSquares = 0;
            for (int row : sample) {
                right[gold.numbers()[row]]++;
            }
            for (double count : right) {
                rightSquares += count * count;
            }
            Cut best = null;
            for (int i = 0; i + 1 < sorted.length; i++) {
                int k = gold.numbers()[(int) sorted[i]];
                leftSquares += 2 * left[k]++ + 1;
                rightSquares -= 2 * right[k]-- - 1;
                float value = rows[(int) sorted[i]][column];
                float next = rows[(int) sorted[i + 1]][column];
                if (value < next) {
                    double impurity = -leftSquares / (i + 1) - rightSquares / (sorted.length - i - 1);
                    if (best == null || impurity < best.impurity()) {
                        float middle = (float) ((double) value / 2 + (double) next / 2);
                        best = new Cut(column, middle < next ? middle : value, impurity);
                    }
                }
            }
            return best;
        }
    }
}
