package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusedAttentionTest {
    @Test
    void itsSpeedIsMeasuredOnceAndLeavesNothingBehind() {
        long live = Tensor.liveCount();
        boolean fast = FusedAttention.isFastInBf16();

        assertThat(FusedAttention.isFastInBf16()).isEqualTo(fast);
        assertThat(Tensor.liveCount()).isEqualTo(live);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void halfPrecisionGivesWhatFp32DoesOfTheSameNumbers(boolean masked) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            RandomState random = RandomState.seeded(7);
            Tensor queries = heads(random, 4);
            Tensor keys = heads(random, 2);
            Tensor values = heads(random, 2);
            Tensor mask = masked ? Tensor.of(new float[] {0, 0, -3e38f, 0, 0, 0}, 1, 1, 1, 6) : null;
            Tensor half = FusedAttention.of(
                    queries.to(DType.BF16),
                    keys.to(DType.BF16),
                    values.to(DType.BF16),
                    mask == null ? null : mask.to(DType.BF16),
                    false,
                    0.5);
            Tensor full = FusedAttention.of(queries, keys, values, mask, false, 0.5);

            assertThat(half.dtype()).isEqualTo(DType.BF16);
            assertThat(half.shape()).containsExactly(2, 4, 6, 8);
            float[] expected = full.toFloats();
            float[] found = half.to(DType.F32).toFloats();
            for (int i = 0; i < expected.length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], within(0.01f));
            }
        }
    }

    /** Random numbers (2, heads, 6, 8) that bf16 holds. */
    private static Tensor heads(RandomState random, int heads) {
        return Tensor.zeros(DType.F32, 2, heads, 6, 8)
                .normalInPlace(0, 1, random)
                .to(DType.BF16)
                .to(DType.F32);
    }
}
