package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.model.Activations;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.data.EpochOrder;
import io.github.llm2vec4j.training.data.MaskingPolicy;
import io.github.llm2vec4j.training.data.TokenBlocks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns to name tokens: the next one (pre-training, causal), or masked ones read from the state one position earlier
 * (MNTP, bidirectional; LLM2Vec section 2).
 */
public final class TokenObjective implements Objective {
    private final TokenBlocks train;
    private final TokenBlocks heldOut;
    private final Settings settings;
    private final EpochOrder order;

    /**
     * @param masking how positions are masked, or null to predict every next token
     * @param batchSize blocks in a step
     * @param microBatchSize blocks that one worker holds at once
     * @param loraDropout dropout of the adapters' inputs
     */
    public record Settings(
            @Nullable MaskingPolicy masking,
            int batchSize,
            int microBatchSize,
            double loraDropout,
            long seed,
            boolean shuffle) {}

    public TokenObjective(TokenBlocks train, TokenBlocks heldOut, Settings settings) {
        this.train = train;
        this.heldOut = heldOut;
        this.settings = settings;
        this.order = new EpochOrder(train.count(), settings.batchSize(), settings.seed(), settings.shuffle());
    }

    /** A block with what is to be predicted: labels[i] from the state at i - 1; -100 where nothing is. */
    public record Example(int[] inputs, int[] labels) {}

    @Override
    public int stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    @Override
    public StepResult step(long step, Replicas replicas) {
        int[] rows = order.batch(step);
        Example[] examples = new Example[rows.length];
        for (int i = 0; i < rows.length; i++) {
            examples[i] = example(train.block(rows[i]), RandomState.mix(settings.seed(), 1, step, i));
        }
        return step(step, examples, replicas);
    }

    /** The step on given examples. */
    public StepResult step(long step, Example[] examples, Replicas replicas) {
        long labels = 0;
        for (Example example : examples) {
            labels += countLabels(example);
        }
        double divisor = Math.max(labels, 1);
        List<Double> losses = replicas.workers().map(replicas.count(), replica -> {
            double loss = 0;
            int end = replicas.firstRow(replica + 1, examples.length);
            for (int from = replicas.firstRow(replica, examples.length);
                    from < end;
                    from += settings.microBatchSize()) {
                int to = Math.min(from + settings.microBatchSize(), end);
                Pass pass = replicas.pass(
                        replica,
                        direction(),
                        0,
                        settings.loraDropout(),
                        RandomState.mix(settings.seed(), 2, step, from));
                loss += backward(examples, from, to, divisor, pass, replicas);
            }
            return loss;
        });
        long tokens = (long) examples.length * examples[0].inputs.length;
        return new StepResult(losses.stream().mapToDouble(Double::doubleValue).sum(), tokens);
    }

    private Pass.Direction direction() {
        return settings.masking() == null ? Pass.Direction.CAUSAL : Pass.Direction.BIDIRECTIONAL;
    }

    private Example example(int[] block, long seed) {
        MaskingPolicy masking = settings.masking();
        if (masking == null) {
            return new Example(block, block);
        }
        MaskingPolicy.Masked masked = masking.mask(block, seed);
        return new Example(masked.inputs(), masked.labels());
    }

    private static long countLabels(Example example) {
        long count = 0;
        for (int i = 1; i < example.labels.length; i++) {
            count += example.labels[i] != -100 ? 1 : 0;
        }
        return count;
    }

    private static double backward(Example[] examples, int from, int to, double divisor, Pass pass, Replicas replicas) {
        try (Scope scope = Scope.open()) {
            Targets targets = Targets.of(examples, from, to);
            Activations activations = replicas.decoder().forward(targets.batch, pass, replicas.checkpointLayers());
            Tensor output = activations.output().leaf(); // (batch, seq, hidden)
            Tensor states = targets.select(output);
            TokenLoss.Result result = TokenLoss.withGradient(
                    states.detach(), targets.labels, replicas.decoder().head(pass), divisor);
            if (result.gradient().isEmpty()) {
                return 0;
            }
            states.backward(Tensor.cat(result.gradient(), 0));
            Tensor gradient = output.gradient();
            if (gradient == null) {
                throw new IllegalStateException("no gradient reached the last hidden states");
            }
            activations.backward(gradient);
            return result.loss();
        }
    }

    @Override
    public Map<String, Double> evaluate(Replicas replicas) {
        if (heldOut.count() == 0) {
            return Map.of();
        }
        Example[] examples = new Example[heldOut.count()];
        long labels = 0;
        for (int i = 0; i < examples.length; i++) {
            examples[i] = example(heldOut.block(i), RandomState.mix(settings.seed(), 3, i));
            labels += countLabels(examples[i]);
        }
        double divisor = Math.max(labels, 1);
        int size = settings.microBatchSize();
        List<TokenLoss.Result> parts = replicas.workers().map((examples.length + size - 1) / size, i -> {
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Targets targets = Targets.of(examples, i * size, Math.min((i + 1) * size, examples.length));
                Pass pass = Pass.inference(direction(), replicas.computeType());
                Tensor states = targets.select(replicas.decoder().hiddenStates(targets.batch, pass));
                return TokenLoss.withoutGradient(
                        states, targets.labels, replicas.decoder().head(pass), divisor);
            }
        });
        double loss = parts.stream().mapToDouble(TokenLoss.Result::loss).sum();
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("eval_loss", loss);
        scores.put(
                "eval_accuracy",
                parts.stream().mapToLong(TokenLoss.Result::correct).sum() / divisor);
        scores.put("eval_perplexity", Math.exp(loss));
        return scores;
    }

    /**
     * A micro-batch and where its labels are read from.
     *
     * @param positions for each label, the row of the flattened states one position earlier
     */
    private record Targets(TokenBatch batch, long[] positions, long[] labels) {

        static Targets of(Example[] examples, int from, int to) {
            int length = examples[from].inputs.length;
            long[] ids = new long[(to - from) * length];
            long[] positions = new long[ids.length];
            long[] labels = new long[ids.length];
            int count = 0;
            for (int row = from; row < to; row++) {
                int base = (row - from) * length;
                for (int i = 0; i < length; i++) {
                    ids[base + i] = examples[row].inputs[i];
                    if (i > 0 && examples[row].labels[i] != -100) {
                        positions[count] = base + i - 1;
                        labels[count++] = examples[row].labels[i];
                    }
                }
            }
            return new Targets(
                    new TokenBatch(to - from, length, ids, new int[to - from]),
                    java.util.Arrays.copyOf(positions, count),
                    java.util.Arrays.copyOf(labels, count));
        }

        /** The states (n, hidden) that the labels are read from. */
        Tensor select(Tensor states) {
            return states.reshape(-1, states.size(-1)).indexSelect(0, Tensor.of(positions, positions.length));
        }
    }
}
