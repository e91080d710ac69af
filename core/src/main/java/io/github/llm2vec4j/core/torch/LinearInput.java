package io.github.llm2vec4j.core.torch;

import org.jspecify.annotations.Nullable;

/** What several linear layers take: it is rounded to eight bits once, when the first of them asks. */
public final class LinearInput {
    private final Tensor tensor;
    private @Nullable QuantizedRows quantized;

    /** Takes x (…, in). */
    public LinearInput(Tensor tensor) {
        this.tensor = tensor;
    }

    public Tensor tensor() {
        return tensor;
    }

    QuantizedRows quantized() {
        QuantizedRows known = quantized;
        if (known == null) {
            known = QuantizedRows.ofInput(tensor);
            quantized = known;
        }
        return known;
    }
}
