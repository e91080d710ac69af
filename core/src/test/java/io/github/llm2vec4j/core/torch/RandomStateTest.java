package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomStateTest {
    @Test
    void aSeedGivesTheSameNumbersOnTwoThreadsAtOnce() {
        CyclicBarrier together = new CyclicBarrier(2);
        List<float[]> drawn;
        try (Workers workers = new Workers(2)) {
            drawn = workers.map(2, i -> {
                together.await();
                return draw(42);
            });
        }
        assertThat(drawn.get(0)).isEqualTo(drawn.get(1)).isEqualTo(draw(42));
        assertThat(draw(43)).isNotEqualTo(draw(42));
    }

    /** Numbers of every kind, some of them in pieces shorter than a vector register. */
    private static float[] draw(long seed) {
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(seed);
            Tensor normal = Tensor.zeros(DType.F32, 10_001).normalInPlace(0, 1, random);
            Tensor uniform = Tensor.zeros(DType.F32, 7).uniformInPlace(-1, 1, random);
            Tensor dropped = Tensor.full(DType.F32, 1, 999).dropout(0.5, random);
            return Tensor.cat(List.of(normal, uniform, dropped), 0).toFloats();
        }
    }

    @Test
    void oneGeneratorGoesOnWithoutRepeating() {
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(42);
            float[] first =
                    Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, random).toFloats();
            float[] second =
                    Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, random).toFloats();
            assertThat(first).isNotEqualTo(second);
        }
    }

    @Test
    void aGeneratorThatIsFirstUsedInAnInnerScopeLivesAsLongAsItsOwn() {
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(42);
            float[] first;
            try (Scope inner = Scope.open()) {
                first = Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, random).toFloats();
            }
            float[] second =
                    Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, random).toFloats();

            RandomState again = RandomState.seeded(42);
            assertThat(Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, again).toFloats())
                    .isEqualTo(first);
            assertThat(Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, again).toFloats())
                    .isEqualTo(second);
        }
    }

    @Test
    void whatOneGeneratorDrawsDoesNotDependOnAnother() {
        try (Scope scope = Scope.open()) {
            RandomState alone = RandomState.seeded(1);
            float[] expected =
                    Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, alone).toFloats();
            RandomState among = RandomState.seeded(1);
            Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, RandomState.seeded(2));
            assertThat(Tensor.zeros(DType.F32, 100).normalInPlace(0, 1, among).toFloats())
                    .isEqualTo(expected);
        }
    }

    @Test
    void neighbouringPartsGiveSeedsThatHaveNothingInCommon() {
        Set<Long> seeds = new HashSet<>();
        int[] ones = new int[63];
        int flips = 0;
        for (long step = 0; step < 100; step++) {
            for (long row = 0; row < 50; row++) {
                for (long layer = 0; layer < 20; layer++) {
                    long seed = RandomState.mix(7, step, row, layer);
                    assertThat(seed).isNotNegative();
                    seeds.add(seed);
                    IntStream.range(0, 63).forEach(bit -> ones[bit] += (int) (seed >>> bit & 1));
                    flips += Long.bitCount(seed ^ RandomState.mix(7, step, row, layer + 1));
                }
            }
        }
        int n = 100_000;
        assertThat(seeds).hasSize(n);
        assertThat(Arrays.stream(ones).min().orElseThrow()).isGreaterThan((int) (0.49 * n));
        assertThat(Arrays.stream(ones).max().orElseThrow()).isLessThan((int) (0.51 * n));
        assertThat(flips / (double) n).isBetween(31.0, 32.0);
    }

    @Test
    void theOrderAndTheNumberOfPartsMatter() {
        assertThat(Set.of(
                        RandomState.mix(),
                        RandomState.mix(0),
                        RandomState.mix(0, 0),
                        RandomState.mix(1, 0),
                        RandomState.mix(0, 1),
                        RandomState.mix(-1),
                        RandomState.mix(1)))
                .hasSize(7);
        assertThat(RandomState.mix(3, 5)).isEqualTo(RandomState.mix(3, 5));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-4, 0.05, 0.3, 0.5, 0.99, 1})
    void aMaskKeepsTheShareThatItShould(double dropped) {
        try (Scope scope = Scope.open()) {
            int count = 1_000_003;
            byte[] mask = RandomState.seeded(5).keepMask(count, dropped);
            long kept = 0;
            int[] keptByLane = new int[4];
            for (int i = 0; i < count; i++) {
                assertThat(mask[i]).isBetween((byte) 0, (byte) 1);
                kept += mask[i];
                keptByLane[i % 4] += mask[i];
            }
            double deviation = Math.sqrt(dropped * (1 - dropped) / count);
            assertThat((double) kept / count).isCloseTo(1 - dropped, within(5 * deviation + 1.0 / (1 << 15)));
            for (int lane : keptByLane) {
                assertThat(4.0 * lane / count).isCloseTo(1 - dropped, within(10 * deviation + 1.0 / (1 << 15)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 1001})
    void aMaskInBf16HasTheSameDraws(int count) {
        try (Scope scope = Scope.open()) {
            byte[] bytes = RandomState.seeded(7).keepMask(count, 0.4);
            byte[] numbers = RandomState.seeded(7).keepMaskInBf16(count, 0.4);
            float[] expected = new float[count];
            for (int i = 0; i < count; i++) {
                expected[i] = bytes[i];
            }
            assertThat(Tensor.ofBytes(DType.BF16, numbers, count).toFloats()).isEqualTo(expected);
        }
    }
}
