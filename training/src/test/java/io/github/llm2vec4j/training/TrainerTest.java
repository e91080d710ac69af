package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.data.TokenBlocks;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import io.github.llm2vec4j.training.objective.TokenObjective;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop on losses and batches that are not as they should be. */
class TrainerTest {
    private static final int STEPS = 12;

    @TempDir
    Path folder;

    private Decoder decoder;
    private Replicas replicas;

    @BeforeEach
    void load() {
        decoder = Decoder.loadTrainable(Golden.OWN.file("models/mistral"));
        replicas = new Replicas(decoder, List.copyOf(decoder.parameters().values()), 2, DType.F32, false);
    }

    @AfterEach
    void close() {
        replicas.close();
        decoder.close();
    }

    @Test
    void aStepWhoseLossIsNotFiniteChangesNothing() {
        List<List<float[]>> weights = new ArrayList<>();
        run(new Disturbed(Set.of(2L, 3L), Double.NaN), weightsInto(weights));

        assertThat(weights).hasSize(STEPS);
        for (int step = 1; step < STEPS; step++) {
            boolean same = equal(weights.get(step - 1), weights.get(step));
            assertThat(same).as("step " + step).isEqualTo(step == 2 || step == 3);
        }
    }

    @Test
    void theStepsAfterASkippedOneDoNotSeeItsGradients() {
        List<List<float[]>> skipped = new ArrayList<>();
        run(new Disturbed(Set.of(0L), Double.POSITIVE_INFINITY), weightsInto(skipped));
        List<List<float[]>> empty = new ArrayList<>();
        close();
        load();
        run(new WithoutFirst(), weightsInto(empty));

        assertThat(equal(skipped.get(STEPS - 1), empty.get(STEPS - 1))).isTrue();
    }

    @Test
    void theLogSaysNullForWhatIsNotFinite() throws IOException {
        Path file = folder.resolve("log.jsonl");
        run(new Disturbed(Set.of(1L), Double.NaN), new TrainingLog(file));

        List<JsonNode> lines = TrainingLog.read(file);
        assertThat(lines).hasSize(STEPS);
        assertThat(lines.get(0).path("loss").isNumber()).isTrue();
        assertThat(lines.get(1).path("loss").isNull()).isTrue();
        assertThat(lines.get(1).path("grad_norm").isNumber()).isTrue();
        assertThat(lines.get(2).path("loss").isNumber()).isTrue();
    }

    @Test
    void tooManyInARowEndTheRun() {
        List<List<float[]>> weights = new ArrayList<>();
        Disturbed objective = new Disturbed(Set.of(1L, 3L, 4L, 5L, 6L, 7L, 8L), Double.NaN);

        assertThatThrownBy(() -> run(objective, weightsInto(weights)))
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith("step 8: the loss is NaN and the gradient norm ")
                .hasMessageContaining("5th step in a row")
                .hasMessageContaining("lower learning_rate")
                .hasMessageNotContaining("\n");
        assertThat(equal(weights.get(2), values())).as("the weights of step 3").isTrue();
    }

    @Test
    void aBatchWithNothingToPredictIsAStepOfLossZero() {
        List<TrainingListener.Step> steps = new ArrayList<>();
        List<List<float[]>> weights = new ArrayList<>();
        run(new WithoutFirst(), weightsInto(weights), new TrainingListener() {
            @Override
            public void stepEnded(Step step) {
                steps.add(step);
            }
        });

        assertThat(steps.get(0).loss()).isZero();
        assertThat(steps.get(0).gradientNorm()).isZero();
        assertThat(steps.get(1).loss()).isPositive();
        assertThat(equal(weights.get(0), weights.get(1))).isFalse();
    }

    @Test
    void aLearningRateOfZeroChangesNothing() {
        List<float[]> before = values();
        run(new Disturbed(Set.of(), 0), 0);
        assertThat(equal(before, values())).isTrue();
    }

    private void run(Objective objective, TrainingListener... listeners) {
        run(objective, 0.01, listeners);
    }

    private void run(Objective objective, double rate, TrainingListener... listeners) {
        Trainer.Plan plan = new Trainer.Plan(
                STEPS,
                0,
                1.0,
                new LearningRate(rate, 0, STEPS, LearningRate.Schedule.CONSTANT),
                new AdamW.Settings(0.9, 0.999, 1e-8, 0));
        try (Trainer trainer = new Trainer(objective, replicas, plan, List.of(listeners))) {
            trainer.run();
        }
    }

    private TrainingListener weightsInto(List<List<float[]>> weights) {
        return new TrainingListener() {
            @Override
            public void stepEnded(Step step) {
                weights.add(values());
            }
        };
    }

    private List<float[]> values() {
        try (Scope scope = Scope.open()) {
            return replicas.parameters().stream()
                    .map(Parameter::value)
                    .map(Tensor::toFloats)
                    .toList();
        }
    }

    private static boolean equal(List<float[]> left, List<float[]> right) {
        return IntStream.range(0, left.size()).allMatch(i -> Arrays.equals(left.get(i), right.get(i)));
    }

    private static TokenObjective tokens() {
        int[] ids = IntStream.range(0, 8 * 40).map(i -> 3 + i * 7 % 500).toArray();
        return new TokenObjective(
                new TokenBlocks(8, ids),
                new TokenBlocks(8, new int[0]),
                new TokenObjective.Settings(null, 4, 2, 0, 1, true));
    }

    /** Next tokens, with a loss at some steps that the gradients do not show. */
    private static final class Disturbed implements Objective {
        private final TokenObjective tokens = tokens();
        private final Set<Long> steps;
        private final double loss;

        Disturbed(Set<Long> steps, double loss) {
            this.steps = steps;
            this.loss = loss;
        }

        @Override
        public int stepsPerEpoch() {
            return tokens.stepsPerEpoch();
        }

        @Override
        public StepResult step(long step, Replicas replicas) {
            StepResult result = tokens.step(step, replicas);
            return steps.contains(step) ? new StepResult(loss, result.tokens()) : result;
        }

        @Override
        public Map<String, Double> evaluate(Replicas replicas) {
            return Map.of();
        }
    }

    /** Next tokens, but none at the first step. */
    private static final class WithoutFirst implements Objective {
        private final TokenObjective tokens = tokens();

        @Override
        public int stepsPerEpoch() {
            return tokens.stepsPerEpoch();
        }

        @Override
        public StepResult step(long step, Replicas replicas) {
            if (step > 0) {
                return tokens.step(step, replicas);
            }
            int[] none = new int[8];
            Arrays.fill(none, -100);
            TokenObjective.Example example = new TokenObjective.Example(new int[8], none);
            return tokens.step(step, new TokenObjective.Example[] {example, example}, replicas);
        }

        @Override
        public Map<String, Double> evaluate(Replicas replicas) {
            return Map.of();
        }
    }
}
