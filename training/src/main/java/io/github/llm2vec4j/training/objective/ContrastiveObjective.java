package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.model.Activations;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.EpochOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;

/**
 * Learns which texts mean the same (SimCSE, Gao et al. 2021; supervised, LLM2Vec section 3).
 *
 * <p>The workers encode their rows, wait for each other, take the gradient of the loss over the whole batch for their
 * vectors, and go back through their rows. With a gradient cache they encode their rows twice, the first time without a
 * graph (GradCache, Gao et al. 2021), so that the batch size is not bound by memory.
 */
public final class ContrastiveObjective implements Objective {
    private final ContrastiveRows rows;
    private final Settings settings;
    private final int padId;
    private final List<int[]> batchesOfDatasets = new ArrayList<>();
    private final EpochOrder order;

    /**
     * @param direction which tokens a token sees
     * @param batchSize rows in a step
     * @param microBatchSize rows that a worker encodes at once
     * @param gradientCache whether to encode twice rather than hold the graphs of all rows
     * @param scale by which cosines are multiplied, 1 / temperature
     * @param attentionDropout probability that an attention weight is dropped
     * @param poolWholeRows whether padding is pooled too, as the reference does in SimCSE
     */
    public record Settings(
            Pass.Direction direction,
            int batchSize,
            int microBatchSize,
            boolean gradientCache,
            double scale,
            double attentionDropout,
            double loraDropout,
            long seed,
            boolean shuffle,
            boolean poolWholeRows) {}

    public ContrastiveObjective(ContrastiveRows rows, int padId, Settings settings) {
        this.rows = rows;
        this.settings = settings;
        this.padId = padId;
        for (int d = 0; d < rows.datasets().size(); d++) {
            int whole = rows.datasets().get(d).size() / settings.batchSize();
            for (int b = 0; b < whole; b++) {
                batchesOfDatasets.add(new int[] {d, b});
            }
        }
        if (batchesOfDatasets.isEmpty()) {
            throw new IllegalArgumentException("no data set has as many rows as one batch, " + settings.batchSize()
                    + ": give more data or a smaller batch size");
        }
        this.order = new EpochOrder(batchesOfDatasets.size(), 1, settings.seed(), settings.shuffle());
    }

    @Override
    public int stepsPerEpoch() {
        return batchesOfDatasets.size();
    }

    @Override
    public StepResult step(long step, Replicas replicas) {
        Batch batch = batch(step);
        List<PreparedText[]> dataset = rows.datasets().get(batch.dataset);
        int[] sorted = Arrays.stream(batch.rows)
                .boxed()
                .sorted(Comparator.comparingInt(row -> dataset.get(row)[0].ids().length))
                .mapToInt(Integer::intValue)
                .toArray(); // rows of like length are encoded together
        int columnCount = dataset.get(0).length;
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < columnCount; c++) {
            int column = c;
            List<PreparedText> texts = Arrays.stream(sorted)
                    .mapToObj(row -> dataset.get(row)[column])
                    .toList();
            columns.add(settings.poolWholeRows() ? Column.ofWholeRows(texts, padId) : Column.of(texts, padId));
        }
        return step(step, columns, replicas);
    }

    /** The rows of a step, which are all of one data set. */
    record Batch(int dataset, int[] rows) {}

    /** The rows of a step: each epoch has every whole batch of every data set once, in mixed order. */
    Batch batch(long step) {
        int[] which = batchesOfDatasets.get(order.batch(step)[0]);
        EpochOrder within = new EpochOrder(
                rows.datasets().get(which[0]).size(),
                settings.batchSize(),
                RandomState.mix(settings.seed(), which[0]),
                settings.shuffle());
        long epoch = step / stepsPerEpoch();
        return new Batch(which[0], within.batch(epoch * within.stepsPerEpoch() + which[1]));
    }

    /** The step on given columns: query, positive, negatives. */
    public StepResult step(long step, List<Column> columns, Replicas replicas) {
        int batch = columns.get(0).batch().rows();
        Exchange exchange = new Exchange(columns.size(), batch, replicas.count());
        replicas.workers().map(replicas.count(), replica -> {
            int from = replicas.firstRow(replica, batch);
            int to = replicas.firstRow(replica + 1, batch);
            try {
                run(step, columns, from, to, replica, replicas, exchange);
            } catch (RuntimeException | Error e) {
                exchange.giveUp();
                throw e;
            }
            return replica;
        });
        return new StepResult(
                exchange.loss, columns.stream().mapToLong(Column::tokens).sum());
    }

    /** One worker's part: encode rows {@code from} to {@code to}, exchange, go back. */
    private void run(
            long step, List<Column> columns, int from, int to, int replica, Replicas replicas, Exchange exchange) {
        try (Scope scope = Scope.open()) {
            List<int[]> slices = new ArrayList<>(); // column, first row, row after the last
            for (int c = 0; c < columns.size(); c++) {
                for (int start = from; start < to; start += settings.microBatchSize()) {
                    slices.add(new int[] {c, start, Math.min(start + settings.microBatchSize(), to)});
                }
            }
            List<Encoded> held = new ArrayList<>();
            for (int[] slice : slices) {
                if (settings.gradientCache()) {
                    try (Scope inner = Scope.open();
                            NoGrad off = NoGrad.enter()) {
                        exchange.put(encode(step, columns, slice, replica, replicas));
                    }
                } else {
                    held.add(encode(step, columns, slice, replica, replicas));
                    exchange.put(held.get(held.size() - 1));
                }
            }
            exchange.meet();
            held.forEach(encoded -> encoded.backward(exchange.gradient));
            if (settings.gradientCache()) {
                for (int[] slice : slices) {
                    try (Scope inner = Scope.open()) {
                        encode(step, columns, slice, replica, replicas).backward(exchange.gradient);
                    }
                }
            }
        }
    }

    /** The vectors of rows of a column, with the way back; the same each time it is called. */
    private Encoded encode(long step, List<Column> columns, int[] slice, int replica, Replicas replicas) {
        int column = slice[0];
        int from = slice[1];
        Pass pass = replicas.pass(
                replica,
                settings.direction(),
                settings.attentionDropout(),
                settings.loraDropout(),
                RandomState.mix(settings.seed(), 2, step, column, from));
        Column part = columns.get(column).slice(from, slice[2]);
        Activations activations = replicas.decoder().forward(part.batch(), pass, replicas.checkpointLayers());
        Tensor states = activations.output().leaf();
        return new Encoded(column, from, activations, states, part.pool(states));
    }

    /** Encoded rows of a column. */
    private record Encoded(int column, int from, Activations activations, Tensor states, Tensor vectors) {

        void backward(List<float[][]> gradients) {
            int count = Math.toIntExact(vectors.size(0));
            float[][] mine = Arrays.copyOfRange(gradients.get(column), from, from + count);
            vectors.backward(Tensor.ofRows(mine));
            Tensor gradient = states.gradient();
            if (gradient == null) {
                throw new IllegalStateException("no gradient reached the last hidden states");
            }
            activations.backward(gradient);
        }
    }

    /** Where the workers meet: all vectors in, the gradient of the batch's loss out. */
    private final class Exchange {
        private final List<float[][]> vectors;
        private final Phaser phaser;
        private volatile boolean givenUp;
        private List<float[][]> gradient = List.of();
        private double loss;

        Exchange(int columns, int rows, int workers) {
            vectors =
                    IntStream.range(0, columns).mapToObj(c -> new float[rows][]).toList();
            phaser = new Phaser(workers) {
                @Override
                protected boolean onAdvance(int phase, int parties) {
                    ContrastiveLoss.Result result = ContrastiveLoss.of(vectors, settings.scale());
                    gradient = result.gradients();
                    loss = result.loss();
                    return true;
                }
            };
        }

        /** Waits until all workers' vectors are here and their gradient is known. */
        void meet() {
            phaser.arriveAndAwaitAdvance();
            if (givenUp) {
                throw new CancellationException("another worker failed");
            }
        }

        /** Lets go the workers that wait, and those that have yet to come. */
        void giveUp() {
            givenUp = true;
            phaser.forceTermination();
        }

        void put(Encoded encoded) {
            float[][] rows = encoded.vectors.toRows();
            System.arraycopy(rows, 0, vectors.get(encoded.column), encoded.from, rows.length);
        }
    }

    @Override
    public Map<String, Double> evaluate(Replicas replicas) {
        return Map.of();
    }
}
