package io.github.llm2vec4j.benchmark;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.util.List;

/**
 * The ceiling of encoding: the matrix products of the linear layers alone, with the model's own weights and compute
 * type, on all cores. No attention, no norms, no tokenising.
 */
public final class MatrixProducts implements AutoCloseable {
    private final Decoder decoder;
    private final int rows;

    /**
     * @param rows tokens that a worker takes at once
     */
    public MatrixProducts(Llm2Vec model, int rows) {
        this.decoder = Decoder.load(model.chain().base(), model.computeType());
        this.rows = rows;
    }

    @Override
    public void close() {
        decoder.close();
    }

    /** The seconds that the products of so many tokens take, rounded up to whole batches. */
    public double seconds(long tokens) {
        int batches = Math.toIntExact((tokens + rows - 1) / rows);
        try (Workers workers = Workers.perCore()) {
            long start = System.nanoTime();
            workers.map(batches, batch -> {
                multiply();
                return batch;
            });
            return (System.nanoTime() - start) * 1e-9;
        }
    }

    private void multiply() {
        DType type = decoder.weightType();
        List<Linear> linears = decoder.linears();
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            for (Linear linear : linears) {
                try (Scope inner = Scope.open()) {
                    Tensor.full(type, 0.5, rows, linear.inputs())
                            .linear(linear.weight().value(), null);
                }
            }
        }
    }
}
