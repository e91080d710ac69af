package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.encoder.TagHead;
import io.github.llm2vec4j.core.encoder.TaggerConfig;
import io.github.llm2vec4j.core.model.Activations;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.tagging.TagScores;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.data.EpochOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Learns to name words by a linear head on their states (LLM2Vec section 3.1). The decoder is frozen, and its states are
 * made without dropout; or an adapter on it is trained together with the head.
 */
public final class WordObjective implements Objective {
    private final List<WordExample> train;
    private final List<WordExample> heldOut;
    private final TagHead head;
    private final TaggerConfig tagger;
    private final Settings settings;
    private final EpochOrder order;

    /**
     * @param trainsAdapter whether gradients go through the decoder to an adapter on it
     * @param batchSize sentences in a step
     * @param microBatchSize sentences that one worker holds at once
     * @param headDropout dropout of the states that the head takes
     * @param loraDropout dropout of the adapter's inputs
     * @param padId the token that fills short rows
     */
    public record Settings(
            boolean trainsAdapter,
            int batchSize,
            int microBatchSize,
            double headDropout,
            double loraDropout,
            int padId,
            long seed,
            boolean shuffle) {}

    /**
     * @param heldOut scored by {@link #evaluate}; words of a tag without label count as wrong
     * @param head with a row for each label of {@code tagger}
     */
    public WordObjective(
            List<WordExample> train, List<WordExample> heldOut, TagHead head, TaggerConfig tagger, Settings settings) {
        this.train = List.copyOf(train);
        this.heldOut = List.copyOf(heldOut);
        this.head = head;
        this.tagger = tagger;
        this.settings = settings;
        this.order = new EpochOrder(train.size(), settings.batchSize(), settings.seed(), settings.shuffle());
    }

    @Override
    public int stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    @Override
    public StepResult step(long step, Replicas replicas) {
        List<WordExample> rows = new ArrayList<>();
        for (int row : order.batch(step)) {
            rows.add(train.get(row));
        }
        double divisor = Math.max(1, labelled(rows));
        List<Double> losses = replicas.workers().map(replicas.count(), replica -> {
            double loss = 0;
            int end = replicas.firstRow(replica + 1, rows.size());
            for (int from = replicas.firstRow(replica, rows.size()); from < end; from += settings.microBatchSize()) {
                int to = Math.min(from + settings.microBatchSize(), end);
                Pass pass = replicas.pass(
                        replica,
                        direction(),
                        0,
                        settings.loraDropout(),
                        RandomState.mix(settings.seed(), 2, step, from));
                loss += backward(rows.subList(from, to), divisor, pass, replicas);
            }
            return loss;
        });
        long tokens = rows.stream().mapToLong(row -> row.tokens().ids().length).sum();
        return new StepResult(losses.stream().mapToDouble(Double::doubleValue).sum(), tokens);
    }

    private static long labelled(List<WordExample> examples) {
        return examples.stream()
                .flatMapToLong(example -> LongStream.of(example.classes()))
                .filter(label -> label != WordExample.NONE)
                .count();
    }

    private Pass.Direction direction() {
        return tagger.bidirectional() ? Pass.Direction.BIDIRECTIONAL : Pass.Direction.CAUSAL;
    }

    private double backward(List<WordExample> examples, double divisor, Pass pass, Replicas replicas) {
        try (Scope scope = Scope.open()) {
            WordBatch words = WordBatch.of(examples, tagger.reading(), settings.padId());
            if (labelled(examples) == 0) {
                return 0;
            }
            if (!settings.trainsAdapter()) {
                return loss(words, states(words, replicas), divisor, pass);
            }
            Activations activations = replicas.decoder().forward(words.batch(), pass, replicas.checkpointLayers());
            Tensor output = activations.output().leaf(); // (batch, seq, hidden)
            double loss = loss(words, output, divisor, pass);
            Tensor gradient = output.gradient();
            if (gradient == null) {
                throw new IllegalStateException("no gradient reached the last hidden states");
            }
            activations.backward(gradient);
            return loss;
        }
    }

    /** The loss on token states, whose gradient goes back to them and into the head. */
    private double loss(WordBatch words, Tensor states, double divisor, Pass pass) {
        Tensor pooled = words.pool(states);
        if (settings.headDropout() > 0) {
            pooled =
                    pooled.dropout(settings.headDropout(), RandomState.seeded(RandomState.mix(pass.dropoutSeed(), -1)));
        }
        Tensor loss =
                head.logits(pooled, pass).crossEntropySum(words.classTensor()).mul(1 / divisor);
        loss.backward();
        return loss.item();
    }

    /** The token states (batch, seq, hidden) of the decoder as it is used, without gradients. */
    private Tensor states(WordBatch words, Replicas replicas) {
        try (NoGrad off = NoGrad.enter()) {
            return replicas.decoder().hiddenStates(words.batch(), Pass.inference(direction(), replicas.computeType()));
        }
    }

    @Override
    public Map<String, Double> evaluate(Replicas replicas) {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        int size = settings.microBatchSize();
        double divisor = Math.max(1, labelled(heldOut));
        List<Scored> parts = replicas.workers().map((heldOut.size() + size - 1) / size, i -> {
            List<WordExample> examples = heldOut.subList(i * size, Math.min((i + 1) * size, heldOut.size()));
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                return score(examples, divisor, replicas);
            }
        });
        List<List<String>> gold = heldOut.stream().map(WordExample::tags).toList();
        List<List<String>> given =
                parts.stream().flatMap(part -> part.tags.stream()).toList();
        Map<String, Double> scores = new LinkedHashMap<>();
        scores.put("eval_loss", parts.stream().mapToDouble(Scored::loss).sum());
        TagScores.of(tagger.task(), gold, given).forEach((name, score) -> scores.put("eval_" + name, score));
        return scores;
    }

    /** The loss of some sentences, and the tags that they are given. */
    private record Scored(double loss, List<List<String>> tags) {}

    private Scored score(List<WordExample> examples, double divisor, Replicas replicas) {
        WordBatch words = WordBatch.of(examples, tagger.reading(), settings.padId());
        Pass pass = Pass.inference(direction(), replicas.computeType());
        Tensor logits = head.logits(words.pool(states(words, replicas)), pass);
        double loss = logits.crossEntropySum(words.classTensor()).item() / divisor;
        long[] best = logits.argmax(-1).toLongs();
        List<List<String>> tags = new ArrayList<>();
        int word = 0;
        for (WordExample example : examples) {
            List<String> given = new ArrayList<>();
            for (int i = 0; i < example.tokens().words(); i++) {
                given.add(tagger.labels().get((int) best[word++]));
            }
            tags.add(given);
        }
        return new Scored(loss, tags);
    }
}
