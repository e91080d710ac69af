package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Lloyd's k-means on rows, until no row changes its cluster. Deterministic given a seed.
 *
 * @param clusters int[rows], from 0 to below k
 * @param inertia the sum of squared distances to the centres
 */
public record KMeans(int[] clusters, double inertia) {
    private static final int MAX_ROUNDS = 300;

    /**
     * Clusters into k, from centres drawn by k-means++.
     *
     * @throws IllegalArgumentException when k is not from 1 to the number of rows
     */
    public static KMeans fit(Rows rows, int k, long seed) {
        if (k < 1 || k > rows.size()) {
            throw new IllegalArgumentException(
                    "expected from 1 to " + rows.size() + " clusters, one a row at most, found " + k);
        }
        double[] norms = norms(rows);
        SplittableRandom random = new SplittableRandom(seed);
        double[][] centres = new double[k][];
        double[] nearest = new double[rows.size()];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        int chosen = random.nextInt(rows.size());
        for (int c = 0; c < k; c++) {
            centres[c] = vector(rows, chosen);
            for (int i = 0; i < nearest.length; i++) {
                nearest[i] = Math.min(nearest[i], distance(rows, i, norms[i], centres[c], norms[chosen]));
            }
            chosen = draw(nearest, random);
        }
        return fit(rows, centres);
    }

    /** Clusters from given centres double[k][dim], which it moves. A cluster that has lost all rows keeps its centre. */
    static KMeans fit(Rows rows, double[][] centres) {
        double[] norms = norms(rows);
        int[] clusters = new int[rows.size()];
        double[] distances = new double[rows.size()];
        Arrays.fill(clusters, -1);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            if (!assign(rows, norms, centres, clusters, distances)) {
                break;
            }
            move(rows, clusters, centres);
        }
        return new KMeans(clusters, Arrays.stream(distances).sum());
    }

    private static boolean assign(Rows rows, double[] norms, double[][] centres, int[] clusters, double[] distances) {
        double[] centreNorms = Arrays.stream(centres).mapToDouble(KMeans::norm).toArray();
        return IntStream.range(0, rows.size())
                        .parallel()
                        .filter(i -> {
                            int best = 0;
                            double bestDistance = Double.POSITIVE_INFINITY;
                            for (int c = 0; c < centres.length; c++) {
                                double distance = distance(rows, i, norms[i], centres[c], centreNorms[c]);
                                if (distance < bestDistance) {
                                    bestDistance = distance;
                                    best = c;
                                }
                            }
                            boolean changed = clusters[i] != best;
                            clusters[i] = best;
                            distances[i] = bestDistance;
                            return changed;
                        })
                        .count()
                > 0;
    }

    private static void move(Rows rows, int[] clusters, double[][] centres) {
        int[] sizes = new int[centres.length];
        double[][] sums = new double[centres.length][rows.dim()];
        for (int i = 0; i < clusters.length; i++) {
            rows.addTo(i, sums[clusters[i]]);
            sizes[clusters[i]]++;
        }
        for (int c = 0; c < centres.length; c++) {
            for (int j = 0; sizes[c] > 0 && j < sums[c].length; j++) {
                centres[c][j] = sums[c][j] / sizes[c];
            }
        }
    }

    /** A row drawn with a chance in proportion to its weight; any row where all weights are 0. */
    private static int draw(double[] weights, SplittableRandom random) {
        double sum = Arrays.stream(weights).sum();
        if (!(sum > 0)) {
            return random.nextInt(weights.length);
        }
        double left = random.nextDouble(sum);
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return weights.length - 1;
    }

    private static double[] norms(Rows rows) {
        return IntStream.range(0, rows.size())
                .mapToDouble(i -> rows.dot(i, rows, i))
                .toArray();
    }

    private static double[] vector(Rows rows, int row) {
        double[] vector = new double[rows.dim()];
        rows.addTo(row, vector);
        return vector;
    }

    private static double distance(Rows rows, int row, double norm, double[] centre, double centreNorm) {
        return Math.max(0, norm + centreNorm - 2 * rows.dot(row, centre));
    }

    private static double norm(double[] vector) {
        double sum = 0;
        for (double value : vector) {
            sum += value * value;
        }
        return sum;
    }
}
