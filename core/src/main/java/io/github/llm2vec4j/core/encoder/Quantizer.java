package io.github.llm2vec4j.core.encoder;

/**
 * Turns fp32 vectors into bytes, as {@code quantize_embeddings} of sentence-transformers does. Values outside the range
 * of the calibration become its ends; there they wrap round.
 */
public final class Quantizer {
    private final Precision precision;
    private final float[] least;
    private final float[] steps;

    private Quantizer(Precision precision, float[] least, float[] steps) {
        this.precision = precision;
        this.least = least;
        this.steps = steps;
    }

    /**
     * A quantizer whose levels, where it has some, span the values of each dimension.
     *
     * @param calibration vectors (any number, dimensions), at least one; the more, the better the levels
     * @throws IllegalArgumentException if there is none, or if bits cannot be packed into whole bytes
     */
    public static Quantizer of(Precision precision, float[][] calibration) {
        if (precision == Precision.FLOAT32) {
            throw new IllegalArgumentException("precision float32: there is nothing to quantise");
        }
        if (calibration.length == 0) {
            throw new IllegalArgumentException("precision " + precision + ": expected at least one vector, found none");
        }
        int dimensions = calibration[0].length;
        if (!precision.isCalibrated()) {
            if (dimensions % 8 != 0) {
                throw new IllegalArgumentException("precision " + precision
                        + " packs eight dimensions into a byte: expected a multiple of 8, found " + dimensions);
            }
            return new Quantizer(precision, new float[dimensions], new float[0]);
        }
        float[] least = calibration[0].clone();
        float[] steps = calibration[0].clone();
        for (float[] vector : calibration) {
            for (int d = 0; d < dimensions; d++) {
                least[d] = Math.min(least[d], vector[d]);
                steps[d] = Math.max(steps[d], vector[d]);
            }
        }
        for (int d = 0; d < dimensions; d++) {
            steps[d] = (steps[d] - least[d]) / 255;
        }
        return new Quantizer(precision, least, steps);
    }

    /** Vectors (texts, dimensions) as bytes: (texts, dimensions), or an eighth of the dimensions for bits. */
    public byte[][] quantize(float[][] vectors) {
        byte[][] rows = new byte[vectors.length][];
        for (int i = 0; i < rows.length; i++) {
            if (vectors[i].length != least.length) {
                throw new IllegalArgumentException("vector " + (i + 1) + ": expected " + least.length
                        + " dimensions as in the calibration, found " + vectors[i].length);
            }
            rows[i] = quantize(vectors[i]);
        }
        return rows;
    }

    /** One vector as bytes. */
    public byte[] quantize(float[] vector) {
        return precision.isCalibrated() ? levels(vector) : bits(vector);
    }

    private byte[] levels(float[] vector) {
        byte[] row = new byte[vector.length];
        int lowest = precision.isUnsigned() ? 0 : -128;
        for (int d = 0; d < row.length; d++) {
            float level = (vector[d] - least[d]) / steps[d] + lowest;
            // Towards 0, and 0 for a dimension that is everywhere the same.
            row[d] = (byte) (int) Math.max(lowest, Math.min(lowest + 255, level));
        }
        return row;
    }

    private byte[] bits(float[] vector) {
        byte[] row = new byte[vector.length / 8];
        for (int d = 0; d < vector.length; d++) {
            if (vector[d] > 0) {
                row[d / 8] |= (byte) (0x80 >> (d % 8));
            }
        }
        if (!precision.isUnsigned()) {
            for (int i = 0; i < row.length; i++) {
                row[i] -= (byte) 128;
            }
        }
        return row;
    }
}
