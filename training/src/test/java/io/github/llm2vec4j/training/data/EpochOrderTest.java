package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochOrderTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "7, 1", "100, 10", "103, 10", "10, 10"})
    void anEpochIsAPermutationLessTheRest(int rows, int batchSize) {
        EpochOrder order = new EpochOrder(rows, batchSize, 5, true);
        assertThat(order.stepsPerEpoch()).isEqualTo(rows / batchSize);
        for (int epoch = 0; epoch < 3; epoch++) {
            int[] seen = epoch(order, epoch);
            assertThat(seen).hasSize(rows / batchSize * batchSize).doesNotHaveDuplicates();
            assertThat(Arrays.stream(seen)).allMatch(row -> row >= 0 && row < rows);
        }
    }

    @Test
    void whatIsLeftOutDiffersByEpoch() {
        EpochOrder order = new EpochOrder(11, 10, 5, true);
        long different = IntStream.range(0, 20)
                .map(epoch -> 55 - Arrays.stream(epoch(order, epoch)).sum()) // the row that is missing
                .distinct()
                .count();
        assertThat(different).isGreaterThan(5);
    }

    @Test
    void theOrderFollowsFromSeedAndEpochAlone() {
        EpochOrder order = new EpochOrder(50, 4, 9, true);
        int steps = 5 * order.stepsPerEpoch();
        int[][] inOrder = IntStream.range(0, steps).mapToObj(order::batch).toArray(int[][]::new);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int step = random.nextInt(steps);
            assertThat(order.batch(step)).isEqualTo(inOrder[step]);
            assertThat(new EpochOrder(50, 4, 9, true).batch(step)).isEqualTo(inOrder[step]);
        }
    }

    @Test
    void epochsAndSeedsDiffer() {
        EpochOrder order = new EpochOrder(50, 5, 9, true);
        assertThat(epoch(order, 0)).isNotEqualTo(epoch(order, 1));
        assertThat(epoch(order, 0)).isNotEqualTo(epoch(new EpochOrder(50, 5, 10, true), 0));
    }

    @Test
    void everyPermutationIsAboutAsLikely() {
        int[] counts = new int[6];
        for (int seed = 0; seed < 6000; seed++) {
            int[] o = epoch(new EpochOrder(3, 1, seed, true), 0);
            counts[o[0] * 2 + (o[1] > o[2] ? 1 : 0)]++;
        }
        // Expected 1000 each with a standard deviation of 29.
        assertThat(Arrays.stream(counts)).allMatch(count -> Math.abs(count - 1000) < 145);
    }

    @Test
    void withoutShufflingRowsComeAsTheyAre() {
        EpochOrder order = new EpochOrder(10, 3, 9, false);
        assertThat(epoch(order, 0)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(order.batch(4)).containsExactly(3, 4, 5);
    }

    @Test
    void aBatchMayBeChangedByItsTaker() {
        EpochOrder order = new EpochOrder(4, 2, 9, false);
        Arrays.fill(order.batch(0), -1);
        assertThat(order.batch(0)).containsExactly(0, 1);
    }

    @ParameterizedTest
    @CsvSource({"3, 4", "0, 1", "5, 0"})
    void lessThanOneBatchIsRefused(int rows, int batchSize) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EpochOrder(rows, batchSize, 1, true))
                .withMessageContainingAll(rows + " rows", "batch of " + batchSize);
    }

    private static int[] epoch(EpochOrder order, int epoch) {
        long first = (long) epoch * order.stepsPerEpoch();
        return IntStream.range(0, order.stepsPerEpoch())
                .flatMap(s -> Arrays.stream(order.batch(first + s)))
                .toArray();
    }
}
