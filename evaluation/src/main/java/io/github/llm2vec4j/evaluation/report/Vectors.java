package io.github.llm2vec4j.evaluation.report;

/** What the map and the neighbours need of embeddings. */
final class Vectors {
    private Vectors() {}

    /** Copies of length 1; a vector of zeros stays one. */
    static double[][] normalised(float[][] vectors) {
        double[][] rows = new double[vectors.length][];
        for (int i = 0; i < rows.length; i++) {
            if (vectors[i].length != vectors[0].length) {
                throw new IllegalArgumentException("embedding " + i + ": expected " + vectors[0].length
                        + " dimensions, found " + vectors[i].length);
            }
            double[] row = new double[vectors[i].length];
            double squares = 0;
            for (int d = 0; d < row.length; d++) {
                row[d] = vectors[i][d];
                squares += row[d] * row[d];
            }
            if (!Double.isFinite(squares)) {
                throw new IllegalArgumentException(
                        "embedding " + i + ": expected finite values, found NaN or infinity");
            }
            double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
            for (int d = 0; d < row.length; d++) {
                row[d] *= scale;
            }
            rows[i] = row;
        }
        return rows;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }
}
