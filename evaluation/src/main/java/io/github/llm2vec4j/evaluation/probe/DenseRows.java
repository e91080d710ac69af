package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;

/**
 * Dense vectors.
 *
 * @param values float[size][dim]; taken over, not copied
 */
public record DenseRows(float[][] values) implements Rows {
    public DenseRows {
        for (int i = 0; i < values.length; i++) {
            if (values[i].length != values[0].length) {
                throw new IllegalArgumentException(
                        "row " + i + ": expected " + values[0].length + " values, found " + values[i].length);
            }
            for (float value : values[i]) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException("row " + i + ": expected finite values, found " + value);
                }
            }
        }
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public int dim() {
        return values.length == 0 ? 0 : values[0].length;
    }

    @Override
    public DenseRows normalized() {
        float[][] result = new float[size()][];
        for (int i = 0; i < size(); i++) {
            double norm = Math.sqrt(dot(i, this, i));
            result[i] = values[i].clone();
            for (int j = 0; norm > 0 && j < result[i].length; j++) {
                result[i][j] = (float) (result[i][j] / norm);
            }
        }
        return new DenseRows(result);
    }

    @Override
    public double dot(int row, Rows other, int otherRow) {
        if (!(other instanceof DenseRows dense) || dense.dim() != dim()) {
            throw new IllegalArgumentException("expected dense rows of " + dim() + " values, found " + other.dim()
                    + " in " + other.getClass().getSimpleName());
        }
        float[] a = values[row];
        float[] b = dense.values[otherRow];
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (double) a[j] * b[j];
        }
        return sum;
    }

    @Override
    public double dot(int row, double[] vector) {
        double sum = 0;
        for (int j = 0; j < vector.length; j++) {
            sum += values[row][j] * vector[j];
        }
        return sum;
    }

    @Override
    public void addTo(int row, double[] sum) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += values[row][j];
        }
    }

    @Override
    public DenseRows select(int[] rows) {
        return new DenseRows(Arrays.stream(rows).mapToObj(i -> values[i]).toArray(float[][]::new));
    }

    @Override
    public String toString() {
        return "DenseRows[" + size() + ", " + dim() + "]";
    }
}
