package io.github.llm2vec4j.evaluation.probe;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;

/**
 * Brings rows to a mean squared norm of about 1, so that one C means the same for every encoder and dimension. Dense
 * columns are standardised with the mean and deviation of the train rows, then divided by the square root of the number
 * of columns that vary; sparse rows are set to L2 norm 1.
 *
 * @param mean double[dim], empty for sparse rows
 * @param factor double[dim], 0 for a column that is constant in the train rows; empty for sparse rows
 */
record Scaling(double[] mean, double[] factor) {

    static Scaling of(Rows train) {
        return train instanceof DenseRows dense ? standardise(dense) : new Scaling(new double[0], new double[0]);
    }

    private static Scaling standardise(DenseRows rows) {
        int n = rows.size();
        double[] mean = new double[rows.dim()];
        double[] variance = new double[rows.dim()];
        for (float[] row : rows.values()) {
            for (int j = 0; j < row.length; j++) {
                mean[j] += (double) row[j] / n;
            }
        }
        for (float[] row : rows.values()) {
            for (int j = 0; j < row.length; j++) {
                double deviation = row[j] - mean[j];
                variance[j] += deviation * deviation / n;
            }
        }
        int varying = 0;
        double[] factor = new double[rows.dim()];
        for (int j = 0; j < factor.length; j++) {
            double noise = 1e-6 * Math.abs(mean[j]) + 1e-12; // float rounding of a constant column is not a feature
            if (Math.sqrt(variance[j]) > noise) {
                factor[j] = 1 / Math.sqrt(variance[j]);
                varying++;
            }
        }
        for (int j = 0; j < factor.length; j++) {
            factor[j] /= Math.sqrt(Math.max(1, varying));
        }
        return new Scaling(mean, factor);
    }

    /** Scaled rows in liblinear's form: columns from 1, the last one the bias with value 1. */
    Feature[][] features(Rows rows) {
        Feature[][] result = new Feature[rows.size()][];
        FeatureNode bias = new FeatureNode(rows.dim() + 1, 1);
        SparseRows sparse = rows instanceof SparseRows raw ? raw.normalized() : null;
        for (int i = 0; i < result.length; i++) {
            int[] columns = sparse == null ? null : sparse.columns()[i];
            float[] values = sparse == null ? ((DenseRows) rows).values()[i] : sparse.values()[i];
            Feature[] row = new Feature[values.length + 1];
            for (int j = 0; j < values.length; j++) {
                row[j] = columns == null
                        ? new FeatureNode(j + 1, (values[j] - mean[j]) * factor[j])
                        : new FeatureNode(columns[j] + 1, values[j]);
            }
            row[values.length] = bias;
            result[i] = row;
        }
        return result;
    }
}
