package io.github.llm2vec4j.evaluation.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

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
     * that its farthest point is positive. Works on the Gram matrix, so it is meant for up to about a thousand vectors.
     *
     * @param vectors (count, dimensions), finite
     */
    public static Projection pca2(float[][] vectors) {
        double[][] rows = centred(Vectors.normalised(vectors));
        int count = rows.length;
        if (count < 2) {
            return new Projection(Collections.nCopies(count, new Point(0, 0)), 0);
        }
        double[][] gram = new double[count][count]; // (count, count)
        double trace = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j <= i; j++) {
                gram[i][j] = Vectors.dot(rows[i], rows[j]);
                gram[j][i] = gram[i][j];
            }
            trace += gram[i][i];
        }
        if (trace < 1e-12) { // all vectors are the same
            return new Projection(Collections.nCopies(count, new Point(0, 0)), 0);
        }
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(gram, false));
        double[] x = axis(eigen, 0);
        double[] y = axis(eigen, 1);
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            points.add(new Point(x[i], y[i]));
        }
        double shown = Math.max(0, eigen.getRealEigenvalue(0)) + Math.max(0, eigen.getRealEigenvalue(1));
        return new Projection(points, Math.min(1, shown / trace));
    }

    /** The coordinates on a principal axis: an eigenvector of the Gram matrix times the root of its eigenvalue. */
    private static double[] axis(EigenDecomposition eigen, int index) {
        double length = Math.sqrt(Math.max(0, eigen.getRealEigenvalue(index)));
        double[] axis = eigen.getEigenvector(index).toArray();
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
