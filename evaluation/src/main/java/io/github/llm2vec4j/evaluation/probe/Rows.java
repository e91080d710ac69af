package io.github.llm2vec4j.evaluation.probe;

/** Vectors of equal length, one a text or word: (size, dim), dense or sparse. Rows are not changed once made. */
public sealed interface Rows permits DenseRows, SparseRows {
    /** How many vectors. */
    int size();

    /** The length of each. */
    int dim();

    /** The same rows at L2 norm 1; a row of zeros stays zeros. */
    Rows normalized();

    /**
     * The dot product of one row with one row of {@code other}, which must be of the same kind and dimension; on
     * normalised rows this is the cosine (0 with a row of zeros).
     */
    double dot(int row, Rows other, int otherRow);

    /** The dot product of a row with double[dim]. */
    double dot(int row, double[] vector);

    /** Adds a row to double[dim]. */
    void addTo(int row, double[] sum);

    /** The given rows, in the given order. */
    Rows select(int[] rows);
}
