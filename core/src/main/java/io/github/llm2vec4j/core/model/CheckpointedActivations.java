package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Keeps the input of each block alone and computes the block again on the way back (Chen et al. 2016): one block's
 * activations in memory at a time. Dropout is the same the second time, since it follows from the pass's seed.
 */
final class CheckpointedActivations implements Activations {
    private final Decoder decoder;
    private final TokenBatch batch;
    private final Pass pass;
    private final List<Tensor> blockInputs = new ArrayList<>();
    private final Decoder.Inputs inputs;
    private final Tensor output;

    CheckpointedActivations(Decoder decoder, TokenBatch batch, Pass pass) {
        this.decoder = decoder;
        this.batch = batch;
        this.pass = pass;
        try (NoGrad off = NoGrad.enter()) {
            inputs = decoder.inputs(batch, pass);
            Tensor x = inputs.embedded();
            for (int i = 0; i < decoder.layers().size(); i++) {
                blockInputs.add(x);
                Tensor input = x;
                int block = i;
                x = Scope.compute(() -> forward(block, input));
            }
            blockInputs.add(x);
            output = decoder.finalNorm(x, pass);
        }
    }

    @Override
    public Tensor output() {
        return output;
    }

    @Override
    public void backward(Tensor gradient) {
        int depth = decoder.layers().size();
        Tensor flowing = through(
                blockInputs.get(depth),
                gradient,
                (x, flow) -> decoder.finalNorm(x, pass).backward(flow));
        for (int i = depth - 1; i >= 0; i--) {
            DecoderLayer layer = decoder.layers().get(i);
            Sight sight = inputs.sights().get(i);
            flowing = through(
                    blockInputs.get(i), flowing, (x, flow) -> layer.backward(x, inputs.rotary(), sight, pass, flow));
        }
        if (decoder.embedding().trainable()) {
            decoder.inputs(batch, pass).embedded().backward(flowing);
        }
    }

    private Tensor forward(int block, Tensor x) {
        return decoder.layers()
                .get(block)
                .forward(x, inputs.rotary(), inputs.sights().get(block), pass);
    }

    /**
     * The gradient of a block's input.
     *
     * @param block computes the block again from its input, a leaf, and takes the gradient of its output back
     */
    private static Tensor through(Tensor input, Tensor gradient, BiConsumer<Tensor, Tensor> block) {
        return Scope.compute(() -> {
            Tensor leaf = input.leaf();
            block.accept(leaf, gradient);
            Tensor result = leaf.gradient();
            if (result == null) {
                throw new IllegalStateException("no gradient reached the input of a block");
            }
            return result;
        });
    }
}
