package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * About how much native memory a run takes, in bytes, counted from shapes. What a layer keeps for the way back is counted
 * tensor by tensor; buffers of the engine are not.
 *
 * @param parameters numbers in the decoder
 * @param trainedParameters numbers that are trained
 * @param weights the decoder's weights
 * @param training the trained weights' gradients of each worker and two moments, and an adapter itself
 * @param activations what all workers keep of their texts at their full length
 */
record MemoryEstimate(long parameters, long trainedParameters, long weights, long training, long activations) {

    /** How texts are held: so many by each worker at once, each of so many tokens. */
    record Load(int workers, long textsHeld, long tokens, DType type, boolean recomputes, boolean attentionDropout) {}

    static MemoryEstimate of(DecoderConfig shape, @Nullable LoraConfig lora, Load load) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        Decoder.randomWeights(shape, 0, DType.F32).forEach((name, weight) -> shapes.put(name, weight.shape()));
        long parameters = shapes.values().stream()
                .mapToLong(size -> size.stream().reduce(1L, Math::multiplyExact))
                .sum();
        long trained = lora == null ? parameters : lora.rank() * adapted(shapes, lora);
        long copies = load.workers + 2L + (lora == null ? 0 : 1);
        return new MemoryEstimate(
                parameters,
                trained,
                parameters * (lora == null ? Float.BYTES : load.type.bytes()),
                trained * Float.BYTES * copies,
                load.workers * load.textsHeld * load.tokens * ofToken(shape, load));
    }

    /** Inputs and outputs of all layers with an adapter. */
    private static long adapted(Map<String, List<Long>> shapes, LoraConfig lora) {
        return shapes.entrySet().stream()
                .filter(e -> lora.targetModules().stream()
                        .anyMatch(name -> e.getKey().endsWith("." + name + ".weight")))
                .mapToLong(e -> e.getValue().get(0) + e.getValue().get(1))
                .sum();
    }

    /** The bytes that are kept of one token, in all layers. */
    private static long ofToken(DecoderConfig shape, Load load) {
        long hidden = shape.hiddenSize();
        long inner = shape.intermediateSize();
        long heads = (long) shape.heads() * shape.headDim();
        long scores = (load.attentionDropout ? 2 : 1) * shape.heads() * load.tokens;
        // Inputs and outputs of the norms, both sums, and the dropped-out input of each linear layer; queries, keys and
        // values before and after rotation, by query head; gate, its activation, up, their product, that dropped out.
        long values = 14 * hidden + 5 * heads + 5 * inner + scores;
        long masks = 6 * hidden + inner;
        long layer = values * load.type.bytes() + masks;
        return load.recomputes ? shape.layers() * hidden * load.type.bytes() + layer : shape.layers() * layer;
    }

    long total() {
        return weights + training + activations;
    }
}
