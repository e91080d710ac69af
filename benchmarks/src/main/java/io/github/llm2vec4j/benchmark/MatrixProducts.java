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
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ceiling of encoding and training: the matrix products of linear layers alone, on all cores. No attention, no norms, no
 * tokenising.
 */
public final class MatrixProducts {
    /** Tokens that a worker takes at once, unless said otherwise. */
    public static final int ROWS = 2048;

    private static final int QUICK_ROWS = 256;
    private static final int QUICK_SIZE = 2048;
    private static final double QUICK_SECONDS = 0.3;

    private final List<Linear> linears;
    private final DType type;
    private final int rows;
    private final boolean back;

    /**
     * @param linears layers whose weights are of the type
     * @param rows tokens that a worker takes at once
     * @param back whether gradients of outputs are multiplied, and not inputs
     */
    private MatrixProducts(List<Linear> linears, DType type, int rows, boolean back) {
        this.linears = List.copyOf(linears);
        this.type = type;
        this.rows = rows;
        this.back = back;
    }

    /** {@link #secondsPerToken(double)} of a whole model, with its base's weights as stored and its compute type. */
    public static double secondsPerToken(Llm2Vec model, double atLeast) {
        try (Decoder decoder = Decoder.load(model.chain().base(), model.computeType())) {
            return new MatrixProducts(decoder.linears(), model.computeType(), ROWS, false).secondsPerToken(atLeast);
        }
    }

    /**
     * The seconds of a token's products in training: those of one block, times the blocks.
     *
     * @param base a model folder
     * @param forward how often a token goes through all layers; the gradients come back once
     * @param again whether all layers of a block but the last are computed once more for the way back
     */
    static double trainingSecondsPerToken(Path base, DType type, int forward, boolean again, double atLeast) {
        try (Decoder decoder = Decoder.load(base, type)) {
            int layers = decoder.config().layers();
            List<Linear> block = decoder.linears().subList(0, decoder.linears().size() / layers);
            double seconds = forward * new MatrixProducts(block, type, ROWS, false).secondsPerToken(atLeast);
            if (again) {
                List<Linear> needed = block.subList(0, block.size() - 1);
                seconds += new MatrixProducts(needed, type, ROWS, false).secondsPerToken(atLeast);
            }
            return layers * (seconds + new MatrixProducts(block, type, ROWS, true).secondsPerToken(atLeast));
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
                            new MatrixProducts(List.of(linear), type, rows, false).secondsPerToken(0.5)))
                    .toList();
        }
    }

    /**
     * The speed of products of the usual size, measured in about a second: 10⁹ multiplications and additions a second on
     * all cores together.
     */
    public static double gigaflops(DType type) {
        try (Workers workers = new Workers(Workers.usualCount())) {
            seconds(workers, type, 1);
            for (int passes = 1; ; passes *= 2) {
                double seconds = seconds(workers, type, passes);
                if (seconds >= QUICK_SECONDS) {
                    return 2e-9 * QUICK_SIZE * QUICK_SIZE * QUICK_ROWS * passes * workers.count() / seconds;
                }
            }
        }
    }

    private static double seconds(Workers workers, DType type, int passes) {
        long start = System.nanoTime();
        workers.map(workers.count(), worker -> {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor weight = Tensor.full(type, 0.5, QUICK_SIZE, QUICK_SIZE);
                Tensor input = Tensor.full(type, 0.5, QUICK_ROWS, QUICK_SIZE);
                for (int pass = 0; pass < passes; pass++) {
                    try (Scope inner = Scope.open()) {
                        input.linear(weight, null);
                    }
                }
            }
            return worker;
        });
        return (System.nanoTime() - start) * 1e-9;
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

    private int width(Linear linear) {
        return back ? linear.outputs() : linear.inputs();
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
            linears.forEach(linear -> inputs.computeIfAbsent(width(linear), n -> Tensor.full(type, 0.5, rows, n)));
            for (int pass = 0; pass < passes; pass++) {
                for (Linear linear : linears) {
                    try (Scope inner = Scope.open()) {
                        Tensor x = inputs.get(width(linear));
                        Tensor weight = linear.weight().value();
                        if (back) {
                            x.matmul(weight);
                        } else {
                            x.linear(weight, null);
                        }
                    }
                }
            }
            Device.synchronize();
        }
    }
}
