package io.github.llm2vec4j.core.torch;

/**
 * Rows as int8 and a scale for each: value · scale is the row, to within half a scale.
 *
 * @param values int8, of the shape of the rows
 * @param scales (…, 1), in the type of the rows and exact in it, so that a product is scaled back with one rounding
 */
record QuantizedRows(Tensor values, Tensor scales) {
    /** @param levels how many steps of its scale the largest value of a row has, at most 127 */
    static QuantizedRows of(Tensor x, double levels) {
        Tensor wide = x.to(DType.F32);
        Tensor largest = wide.abs().max(-1).unsqueeze(-1);
        // Rounded up, so that the largest stays within the levels; and never zero.
        Tensor scales = largest.mul((1 + x.dtype().epsilon()) / levels)
                .add(Float.MIN_NORMAL)
                .to(x.dtype());
        Tensor values = wide.div(scales.to(DType.F32)).roundInPlace();
        return new QuantizedRows(values.to(DType.I8), scales);
    }
}
