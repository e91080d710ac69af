package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingPolicyTest {
    private static final int MASK = 7;
    private static final int VOCABULARY = 50;
    private static final int LENGTH = 200_000;

    @Test
    void theSameSeedGivesTheSameMask() {
        MaskingPolicy policy = new MaskingPolicy(0.2, MASK, false, VOCABULARY, Set.of());
        int[] block = block(1000);
        MaskingPolicy.Masked one = policy.mask(block, 3);
        policy.mask(block, 4);
        MaskingPolicy.Masked again = policy.mask(block, 3);
        assertThat(again.inputs())
                .isEqualTo(one.inputs())
                .isNotEqualTo(policy.mask(block, 4).inputs());
        assertThat(again.labels())
                .isEqualTo(one.labels())
                .isNotEqualTo(policy.mask(block, 4).labels());
        assertThat(block).as("the block itself").isEqualTo(block(1000));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2, 0.8, 1})
    void positionsAreChosenWithTheProbability(double probability) {
        MaskingPolicy policy = new MaskingPolicy(probability, MASK, true, VOCABULARY, Set.of());
        int[] block = block(LENGTH);
        MaskingPolicy.Masked masked = policy.mask(block, 3);
        int chosen = 0;
        for (int i = 0; i < LENGTH; i++) {
            if (masked.labels()[i] == -100) {
                assertThat(masked.inputs()[i]).isEqualTo(block[i]);
            } else {
                assertThat(masked.labels()[i]).isEqualTo(block[i]);
                assertThat(masked.inputs()[i]).isEqualTo(MASK);
                chosen++;
            }
        }
        // Five standard deviations at most.
        assertThat(chosen / (double) LENGTH).isCloseTo(probability, within(5 * 0.5 / Math.sqrt(LENGTH)));
    }

    @Test
    void ofTheChosenEightTenthsAreMaskedAndOneTenthIsRandom() {
        MaskingPolicy policy = new MaskingPolicy(0.5, MASK, false, VOCABULARY, Set.of());
        int[] block = new int[LENGTH];
        Arrays.fill(block, 3);
        MaskingPolicy.Masked masked = policy.mask(block, 3);
        int[] counts = new int[VOCABULARY];
        double chosen = 0;
        for (int i = 0; i < LENGTH; i++) {
            if (masked.labels()[i] == 3) {
                counts[masked.inputs()[i]]++;
                chosen++;
            } else {
                assertThat(masked.inputs()[i]).isEqualTo(3);
            }
        }
        double random = 0.1 / VOCABULARY; // may also be the mask, or the token itself
        assertThat(counts[MASK] / chosen).isCloseTo(0.8 + random, within(0.006));
        assertThat(counts[3] / chosen).isCloseTo(0.1 + random, within(0.005));
        for (int token = 0; token < VOCABULARY; token++) {
            if (token != 3 && token != MASK) {
                assertThat(counts[token] / chosen).as("token %d", token).isCloseTo(random, within(0.0008));
            }
        }
    }

    @Test
    void specialTokensAreNeverChosen() {
        Set<Integer> special = Set.of(1, 2);
        MaskingPolicy policy = new MaskingPolicy(1, MASK, true, VOCABULARY, special);
        int[] block = IntStream.range(0, 100).map(i -> i % 5).toArray();
        MaskingPolicy.Masked masked = policy.mask(block, 3);
        for (int i = 0; i < block.length; i++) {
            boolean isSpecial = special.contains(block[i]);
            assertThat(masked.labels()[i]).isEqualTo(isSpecial ? -100 : block[i]);
            assertThat(masked.inputs()[i]).isEqualTo(isSpecial ? block[i] : MASK);
        }
    }

    @Test
    void theSpecialTokensAreCopied() {
        Set<Integer> special = new HashSet<>(Set.of(1));
        MaskingPolicy policy = new MaskingPolicy(1, MASK, true, VOCABULARY, special);
        special.clear();
        assertThat(policy.mask(new int[] {1}, 3).labels()).containsExactly(-100);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 1.1, Double.NaN})
    void aProbabilityThatIsNoneIsRefused(double probability) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MaskingPolicy(probability, MASK, true, VOCABULARY, Set.of()))
                .withMessageContainingAll("mlm_probability", String.valueOf(probability));
    }

    private static int[] block(int length) {
        return IntStream.range(0, length).map(i -> 10 + i % 30).toArray();
    }
}
