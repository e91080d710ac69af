package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.ResidentMemory;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Memory stays flat over many steps. One buffer lost in a step would be 500 MB here. */
class NativeMemoryTest {
    private static final int WIDTH = 256;

    @Test
    void trainingStepsLeaveNothingBehind() throws IOException {
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(1);
            Tensor weight = Tensor.zeros(DType.F32, WIDTH, WIDTH).normalInPlace(0, 0.02, random);
            Tensor norm = Tensor.full(DType.F32, 1, WIDTH);
            Tensor leaf = weight.leaf().keep();
            for (int i = 0; i < 200; i++) {
                step(leaf, norm, i);
            }
            long live = Tensor.liveCount();
            long resident = ResidentMemory.bytes();
            for (int i = 0; i < 2_000; i++) {
                step(leaf, norm, i);
            }

            assertThat(Tensor.liveCount()).isEqualTo(live);
            assertThat(ResidentMemory.bytes() - resident).isLessThan(200L << 20);
            leaf.close();
        }
    }

    /** Every kind of operation with temporaries of its own, forwards and back. */
    private static void step(Tensor leaf, Tensor norm, int seed) {
        try (Scope scope = Scope.open()) {
            RandomState random = RandomState.seeded(seed);
            Tensor x = Tensor.full(DType.F32, 0.5, WIDTH, WIDTH);
            Tensor hidden = Scope.compute(() -> x.linear(leaf, norm).silu().rmsNorm(norm, 1e-6))
                    .dropout(0.1, random)
                    .normalize(1e-12);
            Tensor heads = hidden.reshape(4, 4, 64, 64);
            Tensor attended = FusedAttention.of(heads, heads, heads, null, false, 0.125);
            attended.reshape(WIDTH, WIDTH)
                    .crossEntropy(Tensor.arange(WIDTH))
                    .add(hidden.mean())
                    .backward();
            try (NoGrad off = NoGrad.enter()) {
                Tensor gradient = leaf.gradient();
                assertThat(gradient).isNotNull();
                leaf.addInPlace(gradient.mulInPlace(-0.01));
            }
            leaf.clearGradient();
        }
    }

    @Test
    void keptTensorsThatAreClosedInOneLongScopeGiveTheirMemoryBack() throws IOException {
        try (Scope scope = Scope.open()) {
            long resident = ResidentMemory.bytes();
            for (int i = 0; i < 2_000; i++) {
                Tensor.full(DType.F32, 1, WIDTH, WIDTH).keep().close();
            }
            assertThat(ResidentMemory.bytes() - resident).isLessThan(200L << 20);
        }
    }

    @Test
    void operationsWithoutAScopeDoNotLeakTheirResult() throws IOException {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = Tensor.full(DType.F32, 1, WIDTH, WIDTH).keep();
        }
        long resident = ResidentMemory.bytes();
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            try {
                kept.add(kept);
            } catch (IllegalStateException e) {
                refused++;
            }
        }
        kept.close();

        assertThat(refused).isEqualTo(2_000);
        assertThat(ResidentMemory.bytes() - resident).isLessThan(200L << 20);
    }
}
