package io.github.llm2vec4j.evaluation.probe;

import java.util.Arrays;

/**
 * Sparse vectors: each row lists the columns that are not zero, rising, and their values.
 *
 * @param columns int[size][], from 0, below dim
 * @param values float[size][], as long as {@code columns}
 * @param dim the length of a row
 */
public record SparseRows(int[][] columns, float[][] values, int dim) implements Rows {
    public SparseRows {
        if (columns.length != values.length) {
            throw new IllegalArgumentException(
                    "expected values for " + columns.length + " rows, found " + values.length);
        }
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].length != values[i].length) {
                throw new IllegalArgumentException(
                        "row " + i + ": expected " + columns[i].length + " values, found " + values[i].length);
            }
            int previous = -1;
            for (int column : columns[i]) {
                if (column <= previous || column >= dim) {
                    throw new IllegalArgumentException("row " + i + ": expected rising columns below " + dim
                            + ", found " + column + " after " + previous);
                }
                previous = column;
            }
        }
    }

    @Override
    public int size() {
        return columns.length;
    }

    @Override
    public SparseRows normalized() {
        float[][] result = new float[size()][];
        for (int i = 0; i < size(); i++) {
            double norm = Math.sqrt(dot(i, this, i));
            result[i] = values[i].clone();
            for (int j = 0; norm > 0 && j < result[i].length; j++) {
                result[i][j] = (float) (result[i][j] / norm);
            }
        }
        return new SparseRows(columns, result, dim);
    }

    @Override
    public double dot(int row, Rows other, int otherRow) {
        if (!(other instanceof SparseRows sparse) || sparse.dim != dim) {
            throw new IllegalArgumentException("expected sparse rows of " + dim + " columns, found " + other.dim()
                    + " in " + other.getClass().getSimpleName());
        }
        int[] a = columns[row];
        int[] b = sparse.columns[otherRow];
        double sum = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            if (a[i] == b[j]) {
                sum += (double) values[row][i++] * sparse.values[otherRow][j++];
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return sum;
    }

    @Override
    public double dot(int row, double[] vector) {
        double sum = 0;
        for (int j = 0; j < columns[row].length; j++) {
            sum += values[row][j] * vector[columns[row][j]];
        }
        return sum;
    }

    @Override
    public void addTo(int row, double[] sum) {
        for (int j = 0; j < columns[row].length; j++) {
            sum[columns[row][j]] += values[row][j];
        }
    }

    @Override
    public SparseRows select(int[] rows) {
        return new SparseRows(
                Arrays.stream(rows).mapToObj(i -> columns[i]).toArray(int[][]::new),
                Arrays.stream(rows).mapToObj(i -> values[i]).toArray(float[][]::new),
                dim);
    }

    @Override
    public String toString() {
        return "SparseRows[" + size() + ", " + dim + "]";
    }
}
