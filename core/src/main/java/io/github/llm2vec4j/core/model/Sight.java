package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Which tokens of a batch see which, so that one attention serves every layout of a batch. */
interface Sight {

    /** Attention on heads; (batch, heads, seq, headDim) → the same shape. */
    @FunctionalInterface
    interface Attention {
        Tensor of(Tensor queries, Tensor keys, Tensor values, AttentionMask mask);
    }

    /**
     * Applies attention to queries (batch, seq, heads, headDim), keys and values (batch, seq, kvHeads, headDim).
     *
     * @return (batch, seq, heads, headDim)
     */
    Tensor mix(Tensor queries, Tensor keys, Tensor values, Attention attention);

    /** Of each block by its sliding window, where each row of the batch is a text. */
    static List<Sight> ofLayers(TokenBatch batch, Pass pass, DecoderConfig config) {
        boolean fused = DecoderLayer.fused(config, pass, batch.length());
        return shared(pass, config, window -> of(batch, pass, window, fused));
    }

    /** Of each block by its sliding window, where one row holds many texts. */
    static List<Sight> ofLayers(PackedBatch batch, Pass pass, DecoderConfig config) {
        return shared(pass, config, window -> of(batch, pass, window, config));
    }

    /** Blocks of the same window share theirs; a window means nothing when bidirectional. */
    private static List<Sight> shared(Pass pass, DecoderConfig config, IntFunction<Sight> make) {
        boolean causal = pass.direction() == Pass.Direction.CAUSAL;
        Map<Integer, Sight> byWindow = new HashMap<>();
        return config.slidingWindows().stream()
                .map(window -> byWindow.computeIfAbsent(causal ? window : 0, make::apply))
                .toList();
    }

    private static Sight of(TokenBatch batch, Pass pass, int slidingWindow, boolean fused) {
        AttentionMask mask = AttentionMask.of(batch, pass, slidingWindow, fused);
        return (q, k, v, attention) -> attention
                .of(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), mask)
                .transpose(1, 2);
    }

    /** Texts of equal length that are neighbours in the row are computed together. */
    private static Sight of(PackedBatch batch, Pass pass, int slidingWindow, DecoderConfig config) {
        List<AttentionMask> masks = batch.groups().stream()
                .map(group ->
                        AttentionMask.of(group, pass, slidingWindow, DecoderLayer.fused(config, pass, group.length())))
                .toList();
        return (q, k, v, attention) -> {
            List<Tensor> parts = new ArrayList<>();
            for (int i = 0; i < masks.size(); i++) {
                PackedBatch.Group group = batch.groups().get(i);
                parts.add(attention
                        .of(
                                group.of(q).transpose(1, 2),
                                group.of(k).transpose(1, 2),
                                group.of(v).transpose(1, 2),
                                masks.get(i))
                        .transpose(1, 2)
                        .reshape(1, (long) group.texts() * group.length(), q.size(2), q.size(3)));
            }
            if (batch.filling() > 0) {
                parts.add(Tensor.zeros(q.dtype(), 1, batch.filling(), q.size(2), q.size(3)));
            }
            return parts.size() == 1 ? parts.get(0) : Tensor.cat(parts, 1);
        };
    }
}
