package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Vectors laid on a plane.
 *
 * @param points one a vector
 * @param explained the share of the variance that the plane shows, from 0 to 1
 */
public record Projection(List<Point> points, double explained) {

    /** A place on the plane. */
    public record Point(double x, double y) {}

    public Projection {
        points = List.copyOf(points);
    }

    /**
     * The first two principal components of the vectors, each first scaled to length 1. The sign of an axis is chosen so
     * that its farthest point is positive. Meant for up to about a thousand vectors.
     *
     * @param vectors (count, dimensions), finite
     */
    public static Projection pca2(float[][] vectors) {
        double[][] rows = centred(Vectors.normalised(vectors));
        int count = rows.length;
        if (count < 2) {
            return new Projection(Collections.nCopies(count, new Point(0, 0)), 0);
        }
        double all = 0; // of the variance
        for (double[] row : rows) {
            all += Vectors.dot(row, row);
        }
        if (all < 1e-12) { // all vectors are the same
            return new Projection(Collections.nCopies(count, new Point(0, 0)), 0);
        }
        SingularValueDecomposition decomposition =
                new SingularValueDecomposition(new Array2DRowRealMatrix(rows, false));
        double[] x = axis(decomposition, 0);
        double[] y = axis(decomposition, 1);
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            points.add(new Point(x[i], y[i]));
        }
        return new Projection(points, Math.min(1, (Vectors.dot(x, x) + Vectors.dot(y, y)) / all));
    }

    /** The coordinates on a principal axis: a left singular vector times its singular value. */
    private static double[] axis(SingularValueDecomposition decomposition, int index) {
        if (index >= decomposition.getSingularValues().length) {
            return new double[decomposition.getU().getRowDimension()];
        }
        double length = decomposition.getSingularValues()[index];
        double[] axis = decomposition.getU().getColumn(index);
        double farthest = 0;
        for (double value : axis) {
            farthest = Math.abs(value) > Math.abs(farthest) + 1e-9 ? value : farthest;
        }
        double scale = farthest < 0 ? -length : length;
        for (int i = 0; i < axis.length; i++) {
            axis[i] *= scale;
        }
        return axis;
    }

    private static double[][] centred(double[][] rows) {
        int width = rows.length == 0 ? 0 : rows[0].length;
        for (int d = 0; d < width; d++) {
            double mean = 0;
            for (double[] row : rows) {
                mean += row[d] / rows.length;
            }
            for (double[] row : rows) {
                row[d] -= mean;
            }
        }
        return rows;
    }
}
