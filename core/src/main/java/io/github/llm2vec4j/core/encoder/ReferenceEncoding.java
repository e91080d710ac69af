package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Vectors as the Python package llm2vec 0.2.3 makes them, errors included: batches are padded on the left, a text without
 * tokens of its own becomes the mean of its row with the padding in it, and so depends on its batch.
 */
final class ReferenceEncoding {
    private final ReferencePreparation preparation;
    private final Decoder decoder;
    private final Pass pass;
    private final EncoderConfig config;
    private final int padId;
    private final int bosId;
    private final int textsPerBatch;

    /**
     * @param bosId the token that begins a text, or -1 where the model has none
     */
    ReferenceEncoding(
            ReferencePreparation preparation,
            Decoder decoder,
            Pass pass,
            EncoderConfig config,
            int padId,
            int bosId,
            int textsPerBatch) {
        this.preparation = preparation;
        this.decoder = decoder;
        this.pass = pass;
        this.config = config;
        this.padId = padId;
        this.bosId = bosId;
        this.textsPerBatch = textsPerBatch;
    }

    /**
     * @throws IllegalArgumentException if the reference has no such pooling
     */
    static void check(Pooling pooling) {
        if (pooling == Pooling.MAX) {
            throw new IllegalArgumentException("pooling max: the reference, which is to be followed, does not have it");
        }
    }

    /** The vectors of texts, each with its own instruction. */
    Encodings encode(List<Instruction> instructions, List<String> texts, Workers workers) {
        List<ReferencePreparation.Row> rows = IntStream.range(0, texts.size())
                .mapToObj(i -> preparation.prepare(instructions.get(i), texts.get(i)))
                .toList();
        int[] order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -rows.get(i).length()))
                .mapToInt(Integer::intValue)
                .toArray();
        int batches = (rows.size() + textsPerBatch - 1) / textsPerBatch;
        List<float[]> sorted = new ArrayList<>();
        workers.map(batches, b -> {
                    int to = Math.min(rows.size(), (b + 1) * textsPerBatch);
                    return pool(Arrays.stream(order, b * textsPerBatch, to)
                            .mapToObj(rows::get)
                            .toList());
                })
                .forEach(batch -> sorted.addAll(Arrays.asList(batch)));
        if (sorted.size() < rows.size()) {
            throw new IllegalArgumentException("pooling bos_token: some texts have no token that begins them");
        }
        float[][] vectors = new float[rows.size()][];
        for (int i = 0; i < order.length; i++) {
            vectors[order[i]] = sorted.get(i);
        }
        boolean[] cut = new boolean[rows.size()];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = rows.get(i).cut();
        }
        return new Encodings(
                vectors, rows.stream().mapToInt(row -> row.ids().length).toArray(), cut);
    }

    /** A vector for each text, or for each token that begins one; then a text that contains it has more. */
    private float[][] pool(List<ReferencePreparation.Row> rows) {
        TokenBatch batch =
                TokenBatch.of(rows.stream().map(ReferencePreparation.Row::ids).toList(), padId);
        if (batch.length() == 0) {
            throw new IllegalArgumentException("a batch of empty texts, for a model without a token that begins a text,"
                    + " is an error in the reference: give other texts with them");
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor states = decoder.hiddenStatesByEdge(batch, pass).to(DType.F32);
            if (config.pooling() == Pooling.BOS_TOKEN) {
                float[][] all =
                        states.reshape((long) batch.rows() * batch.length(), -1).toRows();
                return IntStream.range(0, all.length)
                        .filter(i -> batch.ids()[i] == bosId)
                        .mapToObj(i -> all[i])
                        .toArray(float[][]::new);
            }
            float[] weights = new float[batch.rows() * batch.length()];
            for (int r = 0; r < rows.size(); r++) {
                int real = batch.length() - batch.padding()[r];
                int pooled = config.skipInstruction() ? rows.get(r).pooled() : real;
                float[] own = weights(pooled, batch.length());
                System.arraycopy(own, 0, weights, r * batch.length(), own.length);
            }
            return Tensor.of(weights, batch.rows(), 1, batch.length())
                    .matmul(states)
                    .reshape(batch.rows(), -1)
                    .toRows();
        }
    }

    /** The weights of a row's positions, of which the last {@code pooled} are taken for the text's. */
    private float[] weights(int pooled, int length) {
        float[] weights = new float[length];
        switch (config.pooling()) {
            case MEAN -> {
                int count = pooled == 0 ? length : pooled;
                Arrays.fill(weights, length - count, length, 1f / count);
            }
            case WEIGHTED_MEAN -> {
                double sum = pooled * (pooled + 1.0) / 2;
                for (int i = 0; i < pooled; i++) {
                    weights[length - pooled + i] = (float) ((i + 1) / sum);
                }
            }
            default -> weights[length - 1] = 1;
        }
        return weights;
    }
}
