package io.github.llm2vec4j.evaluation.metric;

/**
 * How vectors lie in their space, all at length 1; a vector of zeros is not allowed.
 *
 * @param anisotropy mean cosine of two different vectors: near 0 where they lie in all directions, near 1 where all lie in
 *     one (Ethayarajh 2019)
 * @param uniformity log of the mean of {@code exp(-2 |x - y|^2)} over two different vectors, lower is more even (Wang and
 *     Isola 2020)
 * @param alignment mean {@code |x - y|^2} over pairs that belong together, lower is nearer (the same); NaN without pairs
 */
public record Space(double anisotropy, double uniformity, double alignment) {

    /**
     * Measures vectors.
     *
     * @param vectors float[n][dim], n at least 2
     * @param first float[pairs][dim]
     * @param second float[pairs][dim], row i belongs with row i of {@code first}
     */
    public static Space of(float[][] vectors, float[][] first, float[][] second) {
        if (vectors.length < 2 || first.length != second.length) {
            throw new IllegalArgumentException(
                    "expected at least 2 vectors and pairs of as many first as second, found " + vectors.length + ", "
                            + first.length + " and " + second.length);
        }
        double[][] rows = normalised(vectors);
        double cosines = 0;
        double potential = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < i; j++) {
                double cosine = dot(rows[i], rows[j]);
                cosines += cosine;
                potential += Math.exp(-2 * (2 - 2 * cosine));
            }
        }
        double pairs = rows.length * (rows.length - 1.0) / 2;
        double[][] a = normalised(first);
        double[][] b = normalised(second);
        double distance = 0;
        for (int i = 0; i < a.length; i++) {
            distance += (2 - 2 * dot(a[i], b[i])) / a.length;
        }
        return new Space(cosines / pairs, Math.log(potential / pairs), a.length == 0 ? Double.NaN : distance);
    }

    private static double[][] normalised(float[][] vectors) {
        double[][] rows = new double[vectors.length][];
        for (int i = 0; i < rows.length; i++) {
            double squares = 0;
            rows[i] = new double[vectors[i].length];
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = vectors[i][j];
                squares += rows[i][j] * rows[i][j];
            }
            if (!(squares > 0) || !Double.isFinite(squares)) {
                throw new IllegalArgumentException("vector " + i + ": expected finite values, not all zero");
            }
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] /= Math.sqrt(squares);
            }
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }
}
