package io.github.llm2vec4j.benchmark;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Device;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ceiling of encoding: the matrix products of linear layers alone, on all cores. No attention, no norms, no
 * tokenising.
 */
public final class MatrixProducts {
    /** Tokens that a worker takes at once, unless said otherwise. */
    public static final int ROWS = 2048;

    private final List<Linear> linears;
    private final DType type;
    private final int rows;

    /**
     * @param linears layers whose weights are of the type
     * @param rows tokens that a worker takes at once
     */
    private MatrixProducts(List<Linear> linears, DType type, int rows) {
        this.linears = List.copyOf(linears);
        this.type = type;
        this.rows = rows;
    }

    /** {@link #secondsPerToken(double)} of a whole model, with its base's weights as stored and its compute type. */
    public static double secondsPerToken(Llm2Vec model, double atLeast) {
        try (Decoder decoder = Decoder.load(model.chain().base(), model.computeType())) {
            return new MatrixProducts(decoder.linears(), model.computeType(), ROWS).secondsPerToken(atLeast);
        }
    }

    /**
     * The speed of a layer's product.
     *
     * @param name of the layer, as {@code mlp.up_proj}
     * @param secondsPerToken on all cores together
     */
    public record Speed(String name, int inputs, int outputs, double secondsPerToken) {
        /** 10⁹ multiplications and additions a second. */
        public double gigaflops() {
            return 2e-9 * inputs * outputs / secondsPerToken;
        }
    }

    /**
     * Each product of one block of a published shape by itself, with random weights.
     *
     * @param like the model's name on the hub
     * @throws IllegalArgumentException if there is no such shape
     */
    public static List<Speed> ofBlock(String like, DType type, int rows) throws IOException {
        try (Decoder block = SyntheticModel.block(like, type)) {
            return block.linears().stream()
                    .map(linear -> new Speed(
                            linear.path().replaceFirst("^layers\\.0\\.", ""),
                            linear.inputs(),
                            linear.outputs(),
                            new MatrixProducts(List.of(linear), type, rows).secondsPerToken(0.5)))
                    .toList();
        }
    }

    /**
     * The seconds that the products of one token take when all cores have enough of them.
     *
     * @param atLeast seconds to measure for, after a first pass that warms up
     */
    public double secondsPerToken(double atLeast) {
        try (Workers workers = new Workers(Workers.usualCount())) {
            double seconds = seconds(workers, 1);
            for (int passes = 1; ; passes *= 2) {
                seconds = seconds(workers, passes);
                if (seconds >= atLeast) {
                    return seconds / ((double) passes * workers.count() * rows);
                }
            }
        }
    }

    private double seconds(Workers workers, int passes) {
        long start = System.nanoTime();
        workers.map(workers.count(), worker -> {
            multiply(passes);
            return worker;
        });
        return (System.nanoTime() - start) * 1e-9;
    }

    private void multiply(int passes) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Map<Integer, Tensor> inputs = new HashMap<>();
            linears.forEach(linear -> inputs.computeIfAbsent(linear.inputs(), n -> Tensor.full(type, 0.5, rows, n)));
            for (int pass = 0; pass < passes; pass++) {
                for (Linear linear : linears) {
                    try (Scope inner = Scope.open()) {
                        inputs.get(linear.inputs()).linear(linear.weight().value(), null);
                    }
                }
            }
            Device.synchronize();
        }
    }
}
