package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.List;

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

    /** Each row is a text. */
    static Sight of(TokenBatch batch, Pass pass, int slidingWindow) {
        AttentionMask mask = AttentionMask.of(batch, pass, slidingWindow);
        return (q, k, v, attention) -> attention
                .of(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), mask)
                .transpose(1, 2);
    }

    /** One row holds many texts; those of equal length that are neighbours are computed together. */
    static Sight of(PackedBatch batch, Pass pass, int slidingWindow) {
        List<AttentionMask> masks = batch.groups().stream()
                .map(group -> AttentionMask.of(group, pass, slidingWindow))
                .toList();
        return (q, k, v, attention) -> {
            Tensor[] parts = new Tensor[masks.size()];
            for (int i = 0; i < parts.length; i++) {
                PackedBatch.Group group = batch.groups().get(i);
                parts[i] = attention
                        .of(
                                group.of(q).transpose(1, 2),
                                group.of(k).transpose(1, 2),
                                group.of(v).transpose(1, 2),
                                masks.get(i))
                        .transpose(1, 2)
                        .reshape(1, (long) group.texts() * group.length(), q.size(2), q.size(3));
            }
            return parts.length == 1 ? parts[0] : Tensor.cat(List.of(parts), 1);
        };
    }
}
