package io.github.llm2vec4j.training.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Leaves;
import io.github.llm2vec4j.core.model.OutputHead;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenLossTest {
    private static final int HIDDEN = 8;
    private static final int VOCABULARY = 40;
    private static final double DIVISOR = 123;

    /** The loss is computed in pieces of 256 rows. */
    @ParameterizedTest
    @CsvSource({
        "1, F32, 1e-5",
        "255, F32, 1e-5",
        "256, F32, 1e-5",
        "257, F32, 1e-5",
        "600, F32, 1e-5",
        "600, BF16, 0.02"
    })
    void lossAndGradientsInPiecesAreThoseOfTheWhole(int rows, DType type, double tolerance) {
        try (Scope scope = Scope.open();
                Parameter head = new Parameter("head", random(1, VOCABULARY, HIDDEN), true);
                Leaves leaves = new Leaves(List.of(head))) {
            Pass pass = new Pass(Pass.Direction.BIDIRECTIONAL, type, leaves, 0, 0, 0);
            Tensor states = random(2, rows, HIDDEN).to(type);
            long[] labels = labels(rows);
            TokenLoss.Result result =
                    TokenLoss.withGradient(states, labels, new OutputHead(pass.use(head), 0), DIVISOR);

            Tensor wholeStates = states.to(DType.F32).leaf();
            Tensor wholeHead = head.value().to(type).to(DType.F32).leaf();
            Tensor whole = wholeStates
                    .linear(wholeHead, null)
                    .crossEntropySum(Tensor.of(labels, rows))
                    .mul(1 / DIVISOR);
            whole.backward();

            assertThat(result.loss()).isCloseTo(whole.item(), within(Math.abs(whole.item()) * tolerance));
            assertThat(result.gradient()).hasSize((rows + 255) / 256);
            Difference.assertWithinRelative(
                    tolerance,
                    Tensor.cat(result.gradient(), 0).to(DType.F32).toFloats(),
                    wholeStates.gradient().toFloats(),
                    "gradient of the states");
            Difference.assertWithinRelative(
                    tolerance,
                    leaves.gradients().get(0).toFloats(),
                    wholeHead.gradient().toFloats(),
                    "gradient of the head");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 256, 600})
    void scoringGivesTheLossAndCountsRightPredictions(int rows) {
        try (Scope scope = Scope.open();
                Parameter head = new Parameter("head", random(1, VOCABULARY, HIDDEN), false)) {
            Pass pass = Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32);
            Tensor states = random(2, rows, HIDDEN);
            long[] best = states.linear(head.value(), null).argmax(-1).toLongs();
            long[] labels = IntStream.range(0, rows)
                    .mapToLong(i -> i % 3 == 0 ? best[i] : (best[i] + 1) % VOCABULARY)
                    .toArray();
            TokenLoss.Result scored =
                    TokenLoss.withoutGradient(states, labels, new OutputHead(pass.use(head), 0), DIVISOR);
            TokenLoss.Result trained =
                    TokenLoss.withGradient(states, labels, new OutputHead(pass.use(head), 0), DIVISOR);
            assertThat(scored.correct()).isEqualTo((rows + 2) / 3);
            assertThat(scored.loss()).isCloseTo(trained.loss(), within(1e-6 * trained.loss()));
            assertThat(scored.gradient()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Golden.class)
    void theGradientOfATrainedHeadIsThatOfTheReference(Golden golden) {
        try (Scope scope = Scope.open();
                GoldenArrays arrays = golden.arrays("training/mntp/mistral.safetensors");
                Decoder decoder = Decoder.load(golden.file("models/mistral"), DType.F32);
                Parameter head = new Parameter("head", decoder.head().value().copy(), true);
                Leaves leaves = new Leaves(List.of(head))) {
            int[] shape = arrays.shape("batches/labels");
            int rows = shape[1];
            int length = shape[2];
            int[] all = Arrays.copyOf(arrays.ints("batches/labels"), rows * length);
            long[] positions = IntStream.range(0, all.length)
                    .filter(i -> i % length > 0 && all[i] != -100)
                    .asLongStream()
                    .toArray();
            long[] labels = Arrays.stream(positions).map(i -> all[(int) i]).toArray();
            long[] before = Arrays.stream(positions).map(i -> i - 1).toArray();
            Tensor states = Tensor.of(
                            arrays.floats("batch0/hidden"),
                            rows * length,
                            decoder.config().hiddenSize())
                    .indexSelect(0, Tensor.of(before, before.length));
            Pass pass = new Pass(Pass.Direction.BIDIRECTIONAL, DType.F32, leaves, 0, 0, 0);
            double loss = TokenLoss.withGradient(states, labels, new OutputHead(pass.use(head), 0), labels.length)
                    .loss();
            double expected = golden.json("training/mntp/mistral.json")
                    .path("batch0_loss")
                    .doubleValue();
            assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
            Difference.assertWithinRelative(
                    1e-4,
                    leaves.gradients().get(0).toFloats(),
                    arrays.floats("batch0/grad/lm_head.weight"),
                    "gradient of the head");
        }
    }

    private static Tensor random(long seed, long... shape) {
        return Tensor.zeros(DType.F32, shape).uniformInPlace(-1, 1, RandomState.seeded(seed));
    }

    private static long[] labels(int rows) {
        return IntStream.range(0, rows)
                .mapToLong(i -> (7L * i + 3) % VOCABULARY)
                .toArray();
    }
}
