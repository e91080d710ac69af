package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * About how much memory a run takes beside the Java heap, in bytes, counted from shapes. What a block keeps for the way
 * back is counted tensor by tensor, times a factor for what the engine holds besides, which was measured.
 *
 * @param parameters numbers in the decoder
 * @param trainedParameters numbers that are trained
 * @param weights the decoder's weights
 * @param training the trained weights' gradients of each worker and two moments, and an adapter itself
 * @param activations what all workers keep of their texts at their full length
 */
record MemoryEstimate(long parameters, long trainedParameters, long weights, long training, long activations) {
    /** Memory of the process over the tensors counted, by texts at once: MNTP on hebrew-mini, 1 to 8 texts of 128 and 256. */
    private static final double HELD = 2.35;

    private static final Pattern LINEAR = Pattern.compile("model\\.layers\\.\\d+\\..*_proj\\.weight");

    /** The JVM and the libraries. */
    static final long PROGRAM = 300_000_000;

    /**
     * How texts are held, each of so many tokens.
     *
     * @param textsHeld by each worker, for the way back
     * @param textsAtOnce of these, in one pass; where blocks are computed again, they are so for these alone
     * @param eightBit whether the frozen weights of linear layers are held as int8
     */
    record Load(
            int workers,
            long textsHeld,
            long textsAtOnce,
            long tokens,
            DType type,
            boolean recomputes,
            boolean attentionDropout,
            boolean eightBit) {}

    static MemoryEstimate of(DecoderConfig shape, @Nullable LoraConfig lora, Load load) {
        Map<String, List<Long>> shapes = shapes(shape);
        long parameters = parameters(shape);
        long trained = lora == null ? parameters : lora.rank() * adapted(shapes, lora);
        long copies = load.workers + 2L + (lora == null ? 0 : 1);
        return new MemoryEstimate(
                parameters,
                trained,
                load.eightBit ? eightBit(shapes, load) : parameters * (lora == null ? Float.BYTES : load.type.bytes()),
                trained * Float.BYTES * copies,
                load.workers * load.tokens * ofTexts(shape, load));
    }

    private static Map<String, List<Long>> shapes(DecoderConfig shape) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        Decoder.randomWeights(shape, 0, DType.F32).forEach((name, weight) -> shapes.put(name, weight.shape()));
        return shapes;
    }

    /** The numbers in a decoder. */
    static long parameters(DecoderConfig shape) {
        return shapes(shape).values().stream()
                .mapToLong(size -> size.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** A byte for each number in a linear layer, and each worker's block that is made wide; the rest in its type. */
    private static long eightBit(Map<String, List<Long>> shapes, Load load) {
        long bytes = 0;
        for (Map.Entry<String, List<Long>> weight : shapes.entrySet()) {
            long count = weight.getValue().stream().reduce(1L, Math::multiplyExact);
            boolean linear = LINEAR.matcher(weight.getKey()).matches();
            boolean first = weight.getKey().startsWith("model.layers.0.");
            bytes += linear ? count : count * load.type.bytes();
            bytes += linear && first ? load.workers * count * load.type.bytes() : 0;
        }
        return bytes;
    }

    /** Inputs and outputs of all layers with an adapter. */
    private static long adapted(Map<String, List<Long>> shapes, LoraConfig lora) {
        return shapes.entrySet().stream()
                .filter(e -> lora.targetModules().stream()
                        .anyMatch(name -> e.getKey().endsWith("." + name + ".weight")))
                .mapToLong(e -> e.getValue().get(0) + e.getValue().get(1))
                .sum();
    }

    /** The bytes that a worker keeps of one token of each text, in all layers. */
    private static long ofTexts(DecoderConfig shape, Load load) {
        long hidden = shape.hiddenSize();
        long inner = shape.intermediateSize();
        long heads = (long) shape.heads() * shape.headDim();
        long scores = (load.attentionDropout ? 2 : 1) * shape.heads() * load.tokens;
        // Inputs and outputs of the norms, both sums, and the dropped-out input of each linear layer; queries, keys and
        // values before and after rotation, by query head; gate, its activation, up, their product, that dropped out.
        long values = 14 * hidden + 5 * heads + 5 * inner + scores;
        long masks = 6 * hidden + inner;
        long layer = (long) (HELD * (values * load.type.bytes() + masks));
        return load.recomputes
                ? load.textsHeld * shape.layers() * hidden * load.type.bytes()
                        + load.textsAtOnce * 2 * layer // the block again, and its gradients
                : load.textsHeld * shape.layers() * layer;
    }

    long total() {
        return PROGRAM + weights + training + activations;
    }
}
