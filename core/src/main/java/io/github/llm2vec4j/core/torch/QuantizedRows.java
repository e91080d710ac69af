package io.github.llm2vec4j.core.torch;

/**
 * Rows in eight bits and a scale for each: (value − zero) · scale is the row, to within half a scale.
 *
 * @param values of the shape of the rows: int8 about zero 0, or for what is multiplied uint8 about {@link #ZERO}
 * @param scales (…, 1), in the type of the rows and exact in it, so that a product is scaled back with one rounding
 */
record QuantizedRows(Tensor values, Tensor scales) {
    /** The value of zero in uint8. */
    static final long ZERO = 128;

    /** As int8. @param levels how many steps of its scale the largest value of a row has, at most 127 */
    static QuantizedRows of(Tensor x, double levels) {
        return of(x, levels, DType.I8, 0);
    }

    /** As uint8 in 127 levels to each side: what the matrix kernels of every CPU take. */
    static QuantizedRows ofInput(Tensor x) {
        return of(x, 127, DType.U8, ZERO);
    }

    private static QuantizedRows of(Tensor x, double levels, DType type, long zero) {
        Tensor wide = x.to(DType.F32);
        Tensor largest = wide.abs().max(-1).unsqueeze(-1);
        // Rounded up, so that the largest stays within the levels; and never zero.
        Tensor scales = largest.mul((1 + x.dtype().epsilon()) / levels)
                .add(Float.MIN_NORMAL)
                .to(x.dtype());
        Tensor values = wide.div(scales.to(DType.F32)).roundInPlace();
        return new QuantizedRows((zero == 0 ? values : values.addInPlace(zero)).to(type), scales);
    }
}
