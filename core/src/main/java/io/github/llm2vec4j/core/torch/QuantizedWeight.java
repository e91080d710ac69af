package io.github.llm2vec4j.core.torch;

/**
 * The frozen weight of a linear layer as int8 with a scale for each output, which takes half the memory of bf16. It is
 * made wide again whenever it is used, and so has no kernels of its own: a gradient goes back through it as through the
 * weight that it stands for.
 */
public final class QuantizedWeight implements AutoCloseable {
    private static final int LEVELS = 127;

    private final QuantizedRows rows;

    private QuantizedWeight(QuantizedRows rows) {
        this.rows = rows;
        rows.values().keep();
        rows.scales().keep();
    }

    /** Rounds a weight (out, in), each row to within 1/254 of its largest value. */
    public static QuantizedWeight of(Tensor weight) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            return new QuantizedWeight(QuantizedRows.of(weight, LEVELS));
        }
    }

    /** The weight (out, in) in the type that it had, made anew. */
    public Tensor dequantized() {
        return Scope.compute(() -> {
            try (NoGrad off = NoGrad.enter()) {
                return rows.values().to(rows.scales().dtype()).mulInPlace(rows.scales());
            }
        });
    }

    @Override
    public void close() {
        rows.values().close();
        rows.scales().close();
    }
}
