package io.github.llm2vec4j.training;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.training.data.MaskingPolicy;
import io.github.llm2vec4j.training.data.TokenBlocks;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import io.github.llm2vec4j.training.objective.TokenObjective;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Masked next token prediction against the reference, on its masked batches and with a frozen head. */
class MntpGoldenTest {
    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral"),
                arguments(Golden.SHARED, "mistral"),
                arguments(Golden.SHARED, "llama"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void lossAndGradientsAreThoseOfTheReference(Golden golden, String base) {
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.bare(golden, base, arrays)) {
            model.gradients(new MaskedBatches(arrays), 1, false)
                    .assertReference(json(golden, base).path("batch0_loss").doubleValue(), arrays);
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theCurveAndTheFinalAdapterAreThoseOfTheReference(Golden golden, String base) {
        JsonNode json = json(golden, base);
        int steps = json.path("steps").asInt();
        LearningRate rate = new LearningRate(json.path("lr").doubleValue(), 0, steps, LearningRate.Schedule.LINEAR);
        try (GoldenArrays arrays = arrays(golden, base);
                GoldenModel model = GoldenModel.bare(golden, base, arrays)) {
            List<TrainingListener.Step> heard = model.train(new MaskedBatches(arrays), steps, rate);
            Parity.assertCurve(heard, rate, json.path("curve_head_frozen"));
            Parity.assertFinal(model.adapter.parameters(), arrays, "final_head_frozen");
        }
    }

    private static GoldenArrays arrays(Golden golden, String base) {
        return golden.arrays("training/mntp/" + base + ".safetensors");
    }

    private static JsonNode json(Golden golden, String base) {
        return golden.json("training/mntp/" + base + ".json");
    }

    /** The objective on the fixture's batches, which are masked already. */
    private static final class MaskedBatches implements Objective {
        private static final Set<Integer> NONE = Set.of();

        private final TokenObjective.Example[][] batches;
        private final TokenObjective objective;

        MaskedBatches(GoldenArrays arrays) {
            int[] shape = arrays.shape("batches/input_ids");
            int length = shape[2];
            int[] inputs = arrays.ints("batches/input_ids");
            int[] labels = arrays.ints("batches/labels");
            batches = new TokenObjective.Example[shape[0]][shape[1]];
            for (int row = 0; row < shape[0] * shape[1]; row++) {
                batches[row / shape[1]][row % shape[1]] = new TokenObjective.Example(
                        Arrays.copyOfRange(inputs, row * length, (row + 1) * length),
                        Arrays.copyOfRange(labels, row * length, (row + 1) * length));
            }
            MaskingPolicy unused = new MaskingPolicy(0.2, 0, true, 1, NONE);
            objective = new TokenObjective(
                    new TokenBlocks(length, inputs),
                    new TokenBlocks(length, new int[0]),
                    new TokenObjective.Settings(unused, shape[1], shape[1], 0, 1, false));
        }

        @Override
        public int stepsPerEpoch() {
            return batches.length;
        }

        @Override
        public StepResult step(long step, Replicas replicas) {
            return objective.step(step, batches[(int) step], replicas);
        }

        @Override
        public Map<String, Double> evaluate(Replicas replicas) {
            return Map.of();
        }
    }
}
