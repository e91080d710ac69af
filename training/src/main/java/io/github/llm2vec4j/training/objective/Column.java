package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * One column of a contrastive batch, all queries for instance: its tokens and how they are pooled.
 *
 * @param poolWeights for each row the weight of each position, rows · length
 */
public record Column(TokenBatch batch, float[] poolWeights) {

    /** Pools each text's own tokens. */
    static Column of(List<PreparedText> texts, int padId) {
        TokenBatch batch = TokenBatch.of(texts.stream().map(PreparedText::ids).toList(), padId);
        float[] weights = new float[batch.rows() * batch.length()];
        for (int r = 0; r < texts.size(); r++) {
            float[] row = Pooling.MEAN.weights(texts.get(r));
            System.arraycopy(row, 0, weights, r * batch.length() + batch.padding()[r], row.length);
        }
        return new Column(batch, weights);
    }

    /** Pools whole rows, padding and all, as the reference does in SimCSE. */
    static Column ofWholeRows(List<PreparedText> texts, int padId) {
        TokenBatch batch = TokenBatch.of(texts.stream().map(PreparedText::ids).toList(), padId);
        float[] weights = new float[batch.rows() * batch.length()];
        Arrays.fill(weights, 1f / batch.length());
        return new Column(batch, weights);
    }

    /** Rows {@code from} to {@code to}, without the padding that all of them have and that is not pooled. */
    Column slice(int from, int to) {
        int length = batch.length();
        int drop = Arrays.stream(batch.padding(), from, to).min().orElse(0);
        for (int r = from; r < to; r++) {
            for (int i = 0; i < drop; i++) {
                drop = poolWeights[r * length + i] == 0 ? drop : i;
            }
        }
        int kept = length - drop;
        long[] ids = new long[(to - from) * kept];
        float[] weights = new float[ids.length];
        int[] padding = new int[to - from];
        for (int r = from; r < to; r++) {
            System.arraycopy(batch.ids(), r * length + drop, ids, (r - from) * kept, kept);
            System.arraycopy(poolWeights, r * length + drop, weights, (r - from) * kept, kept);
            padding[r - from] = batch.padding()[r] - drop;
        }
        return new Column(new TokenBatch(to - from, kept, ids, padding), weights);
    }

    /** The pooled vectors (rows, hidden) in fp32 of states (rows, seq, hidden). */
    Tensor pool(Tensor states) {
        return Tensor.of(poolWeights, batch.rows(), 1, batch.length())
                .matmul(states.to(DType.F32))
                .reshape(batch.rows(), -1);
    }

    long tokens() {
        return batch.ids().length - Arrays.stream(batch.padding()).sum();
    }
}
