package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.PackedBatch;
import io.github.llm2vec4j.core.model.Pass;
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

/** Runs prepared texts through a decoder, in packed batches on all workers. */
final class PackedRunner {
    /**
     * Multiplications from which threads inside a product pay. Measured with two cores: a text of 100 tokens gains
     * nothing at a width of 576, and one of 9 tokens is 1.6 times as fast at a width of 4096.
     */
    private static final long WIDE_PRODUCT = 1L << 28;

    private final Decoder decoder;
    private final Pass pass;
    private final Pooling pooling;
    private final Workers workers;
    private final int tokensPerBatch;

    PackedRunner(Decoder decoder, Pass pass, Pooling pooling, Workers workers, int tokensPerBatch) {
        this.decoder = decoder;
        this.pass = pass;
        this.pooling = pooling;
        this.workers = workers;
        this.tokensPerBatch = tokensPerBatch;
    }

    /** The pooled vectors of texts, in their order. */
    float[][] vectors(List<PreparedText> texts) {
        return vectors(texts, lastLayer(), List.of(pooling))[0][0];
    }

    /** The vectors of texts by layer and pooling, (layers, poolings, texts, dimensions), in one pass. */
    float[][][][] vectors(List<PreparedText> texts, List<Integer> layers, List<Pooling> poolings) {
        float[][][][] vectors = new float[layers.size()][poolings.size()][texts.size()][];
        forEachBatch(texts, layers, (rows, batch, states) -> {
            int done = 0;
            for (PackedBatch.Group group : batch.groups()) {
                int[] own = Arrays.copyOfRange(rows, done, done + group.texts());
                List<PreparedText> ownTexts =
                        Arrays.stream(own).mapToObj(texts::get).toList();
                for (int l = 0; l < layers.size(); l++) {
                    Tensor wide = group.of(states.get(l)).to(DType.F32);
                    for (int p = 0; p < poolings.size(); p++) {
                        float[][] pooled = pool(wide, ownTexts, poolings.get(p));
                        for (int t = 0; t < own.length; t++) {
                            vectors[l][p][own[t]] = pooled[t];
                        }
                    }
                }
                done += group.texts();
            }
        });
        return vectors;
    }

    /** The states of all tokens of texts, (tokens, dimensions) for each, in their order. */
    float[][][] states(List<PreparedText> texts) {
        return states(texts, lastLayer())[0];
    }

    /** The states of all tokens of texts by layer, (layers, texts, tokens, dimensions), in one pass. */
    float[][][][] states(List<PreparedText> texts, List<Integer> layers) {
        float[][][][] result = new float[layers.size()][texts.size()][][];
        forEachBatch(texts, layers, (rows, batch, states) -> {
            long start = 0;
            for (int row : rows) {
                int length = texts.get(row).ids().length;
                for (int l = 0; l < layers.size(); l++) {
                    result[l][row] = states.get(l)
                            .narrow(1, start, length)
                            .reshape(length, -1)
                            .toRows();
                }
                start += length;
            }
        });
        return result;
    }

    private List<Integer> lastLayer() {
        return List.of(decoder.config().layers());
    }

    /** The pooled vectors of parts of one text, which differ in the tokens that are pooled alone; in one pass. */
    float[][] parts(List<PreparedText> parts) {
        float[][] vectors = new float[parts.size()][];
        if (!parts.isEmpty()) {
            forEachBatch(parts.subList(0, 1), lastLayer(), (rows, batch, states) -> {
                Tensor wide = batch.groups().get(0).of(states.get(0)).to(DType.F32);
                for (int i = 0; i < vectors.length; i++) {
                    vectors[i] = pool(wide, parts.subList(i, i + 1), pooling)[0];
                }
            });
        }
        return vectors;
    }

    /** Takes the states (1, tokens, hidden) of a batch at each layer; its texts are those of the given rows. */
    @FunctionalInterface
    private interface Taker {
        void take(int[] rows, PackedBatch batch, List<Tensor> states);
    }

    interface Mapper {
        <T> List<T> map(int n, Workers.Task<T> t);
    }

    private void forEachBatch(List<PreparedText> texts, List<Integer> layers, Taker taker) {
        List<int[]> batches = batches(texts);
        Workers.Task<Integer> task = b -> {
            int[] rows = batches.get(b);
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                PackedBatch batch = PackedBatch.of(Arrays.stream(rows)
                                .mapToObj(i -> texts.get(i).ids())
                                .toList())
                        .filledUp();
                taker.take(rows, batch, decoder.hiddenStates(batch, pass, layers));
            }
            return rows.length;
        };
        if (hasWideProducts(texts)) {
            workers.mapWide(batches.size(), task);
        } else {
            workers.map(batches.size(), task);
        }
    }

    /** Whether a text alone, the shortest, gives several threads enough to do in one product. */
    private boolean hasWideProducts(List<PreparedText> texts) {
        long weight = (long) decoder.config().hiddenSize() * decoder.config().intermediateSize();
        return texts.stream()
                        .mapToLong(text -> text.ids().length * weight)
                        .min()
                        .orElse(0)
                >= WIDE_PRODUCT;
    }

    /**
     * Indices of texts, the longest first, in batches of about as many tokens each: within the budget, and as many as
     * keep all workers busy. A longer text than the budget goes alone.
     */
    private List<int[]> batches(List<PreparedText> texts) {
        int[] order = IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -texts.get(i).ids().length))
                .mapToInt(Integer::intValue)
                .toArray();
        long tokens = texts.stream().mapToLong(text -> text.ids().length).sum();
        long rounds = Math.max(1, ceilDiv(tokens, (long) tokensPerBatch * workers.count()));
        long budget = ceilDiv(tokens, rounds * workers.count());
        List<int[]> batches = new ArrayList<>();
        int start = 0;
        while (start < order.length) {
            int end = start;
            long sum = 0;
            do {
                sum += texts.get(order[end++]).ids().length;
            } while (end < order.length && sum + texts.get(order[end]).ids().length <= budget);
            batches.add(Arrays.copyOfRange(order, start, end));
            start = end;
        }
        return batches;
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    /** Pools states (texts, length, hidden) of texts of equal length. */
    private static float[][] pool(Tensor states, List<PreparedText> texts, Pooling pooling) {
        if (pooling == Pooling.MAX) {
            float[][] vectors = new float[texts.size()][];
            for (int t = 0; t < vectors.length; t++) {
                PreparedText text = texts.get(t);
                vectors[t] = states.narrow(0, t, 1)
                        .narrow(1, text.poolFrom(), text.poolTo() - text.poolFrom())
                        .max(1)
                        .toRows()[0];
            }
            return vectors;
        }
        int length = texts.get(0).ids().length;
        float[] weights = new float[texts.size() * length];
        for (int t = 0; t < texts.size(); t++) {
            System.arraycopy(pooling.weights(texts.get(t)), 0, weights, t * length, length);
        }
        return Tensor.of(weights, texts.size(), 1, length)
                .matmul(states)
                .reshape(texts.size(), -1)
                .toRows();
    }
}
