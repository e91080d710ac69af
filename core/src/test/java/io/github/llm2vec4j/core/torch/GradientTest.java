package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GradientTest {
    @Test
    void aLeafReceivesTheGradientAndItsSourceDoesNot() {
        try (Scope scope = Scope.open()) {
            Tensor source = Tensor.of(new float[] {1, 2, 3}, 3);
            Tensor leaf = source.leaf();
            assertThat(leaf.gradient()).isNull();
            leaf.mul(leaf).sum().backward();

            assertThat(leaf.gradient().toFloats()).containsExactly(2, 4, 6);
            assertThat(leaf.requiresGrad()).isTrue();
            assertThat(source.requiresGrad()).isFalse();
            assertThat(source.gradient()).isNull();
        }
    }

    @Test
    void gradientsAddUpUntilTheyAreCleared() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1, 2}, 2).leaf();
            leaf.sum().backward();
            leaf.sum().backward();
            assertThat(leaf.gradient().toFloats()).containsExactly(2, 2);

            leaf.clearGradient();
            assertThat(leaf.gradient()).isNull();
            leaf.clearGradient();
            leaf.sum().backward();
            assertThat(leaf.gradient().toFloats()).containsExactly(1, 1);
        }
    }

    @Test
    void aGradientOutlivesItsLeafAndTheClearingOfIt() {
        try (Scope scope = Scope.open()) {
            Tensor gradient = Scope.compute(() -> {
                Tensor leaf = Tensor.full(DType.F32, 3, 1000).leaf();
                leaf.mul(leaf).sum().backward();
                Tensor result = leaf.gradient();
                leaf.clearGradient();
                return result;
            });
            for (int i = 0; i < 100; i++) {
                Tensor.full(DType.F32, -1, 1000); // takes freed memory, if it was
            }
            assertThat(gradient.toFloats()).hasSize(1000).containsOnly(6f);
        }
    }

    @Test
    void aGivenGradientFlowsBack() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1, 2}, 2).leaf();
            leaf.mul(3).backward(Tensor.of(new float[] {10, 20}, 2));
            assertThat(leaf.gradient().toFloats()).containsExactly(30, 60);
        }
    }

    @Test
    void aDetachedTensorPassesNoGradient() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {2}, 1).leaf();
            leaf.mul(leaf.detach()).sum().backward();
            assertThat(leaf.gradient().toFloats()).containsExactly(2);
        }
    }

    @Test
    void leavesOfOneWeightHaveGradientsOfTheirOwnOnSeveralThreads() {
        try (Scope scope = Scope.open();
                Workers workers = new Workers(2)) {
            Tensor weight = Tensor.of(new float[] {1, 1}, 2);
            var gradients = workers.map(8, i -> {
                try (Scope own = Scope.open()) {
                    Tensor leaf = weight.leaf();
                    leaf.mul(i).sum().backward();
                    return leaf.gradient().toFloats()[0];
                }
            });
            assertThat(gradients).containsExactly(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
        }
    }

    static Stream<Arguments> operations() {
        return Stream.<UnaryOperator<Tensor>>of(
                        x -> x.normalize(1e-12),
                        x -> x.rmsNorm(Tensor.of(new float[] {1, 2, 3, 4}, 4), 1e-6),
                        x -> x.linear(Tensor.of(new float[] {1, 2, 3, 4, -1, 0, 2, 1}, 2, 4), null),
                        x -> FusedAttention.of(
                                x.reshape(1, 1, 2, 4), x.reshape(1, 1, 2, 4), x.reshape(1, 1, 2, 4), null, false, 0.5),
                        x -> x.gelu("tanh").silu().softmax(-1),
                        x -> x.crossEntropy(Tensor.of(new long[] {3, -100}, 2)),
                        x -> x.crossEntropySum(Tensor.of(new long[] {3, 0}, 2)),
                        x -> Tensor.cat(
                                        java.util.List.of(
                                                x.narrow(1, 0, 2), x.exp().narrow(1, 1, 3)),
                                        1)
                                .transpose(0, 1))
                .map(Arguments::of);
    }

    @ParameterizedTest(name = "operation {index}")
    @MethodSource("operations")
    void gradientsAreThoseOfFiniteDifferences(UnaryOperator<Tensor> operation) {
        float[] at = {0.5f, -1, 2, 0.25f, 1.5f, 0.75f, -0.5f, 1};
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(at, 2, 4).leaf();
            weighted(operation.apply(leaf)).backward();
            float[] gradient = leaf.gradient().toFloats();
            for (int i = 0; i < at.length; i++) {
                double h = 5e-3;
                float[] up = at.clone();
                float[] down = at.clone();
                up[i] += (float) h;
                down[i] -= (float) h;
                double slope = (weighted(operation.apply(Tensor.of(up, 2, 4))).item()
                                - weighted(operation.apply(Tensor.of(down, 2, 4)))
                                        .item())
                        / (2 * h);
                assertThat((double) gradient[i]).as("element %d", i).isCloseTo(slope, within(5e-3));
            }
        }
    }

    /** A sum with a weight of its own for each element, so that no error cancels. */
    private static Tensor weighted(Tensor x) {
        int n = (int) x.elementCount();
        float[] weights = new float[n];
        for (int i = 0; i < n; i++) {
            weights[i] = 1 + 0.3f * i;
        }
        return x.reshape(n).mul(Tensor.of(weights, n)).sum();
    }

    @Test
    void theGradientAtARowOfZerosIsFinite() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.zeros(DType.F32, 2, 4).leaf();
            leaf.normalize(1e-12).sum().backward();
            assertThat(leaf.gradient().isFinite()).isTrue();
        }
    }

    // ---- regions without recording ----

    @Test
    void nothingIsRecordedInARegionAndEverythingAfterIt() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            assertThat(recorded(leaf)).isTrue();
            try (NoGrad off = NoGrad.enter()) {
                assertThat(recorded(leaf)).isFalse();
            }
            assertThat(recorded(leaf)).isTrue();
        }
    }

    @Test
    void regionsNest() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            try (NoGrad off = NoGrad.enter()) {
                try (NoGrad again = NoGrad.enter()) {
                    assertThat(recorded(leaf)).isFalse();
                }
                assertThat(recorded(leaf)).isFalse();
                try (NoGrad on = NoGrad.exit()) {
                    assertThat(recorded(leaf)).isTrue();
                    try (NoGrad offAgain = NoGrad.enter()) {
                        assertThat(recorded(leaf)).isFalse();
                    }
                    assertThat(recorded(leaf)).isTrue();
                }
                assertThat(recorded(leaf)).isFalse();
            }
            assertThat(recorded(leaf)).isTrue();
        }
    }

    @Test
    void aRegionEndsWhenItsBodyFails() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            try (NoGrad off = NoGrad.enter()) {
                leaf.reshape(7);
            } catch (RuntimeException e) {
                assertThat(e).hasMessageContaining("shape '[7]' is invalid");
            }
            assertThat(recorded(leaf)).isTrue();
        }
    }

    @Test
    void aRegionThatEndsInsideALongerScopeIsNotEndedAgainByIt() {
        try (Scope outer = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            try (NoGrad off = NoGrad.enter()) {
                try (Scope inner = Scope.open();
                        NoGrad on = NoGrad.exit()) {
                    assertThat(recorded(leaf)).isTrue();
                }
                assertThat(recorded(leaf)).isFalse();
            }
            assertThat(recorded(leaf)).isTrue();
        }
    }

    @Test
    void aRegionIsOfItsThreadAlone() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            try (NoGrad off = NoGrad.enter()) {
                AtomicBoolean elsewhere = new AtomicBoolean();
                AtomicReference<Throwable> closing = new AtomicReference<>();
                Thread other = new Thread(() -> {
                    try (Scope own = Scope.open()) {
                        elsewhere.set(recorded(leaf));
                    }
                    try {
                        off.close();
                    } catch (IllegalStateException e) {
                        closing.set(e);
                    }
                });
                other.start();
                other.join();
                assertThat(elsewhere).isTrue();
                assertThat(closing.get()).isInstanceOf(IllegalStateException.class);
                assertThat(recorded(leaf)).isFalse();
            }
            assertThat(recorded(leaf)).isTrue();
        }
    }

    @Test
    void regionsAreClosedOnceInnermostFirst() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1}, 1).leaf();
            NoGrad outer = NoGrad.enter();
            NoGrad inner = NoGrad.enter();
            assertThatIllegalStateException().isThrownBy(outer::close);
            inner.close();
            outer.close();
            assertThatIllegalStateException().isThrownBy(outer::close);
            assertThat(recorded(leaf)).isTrue();
        }
    }

    private static boolean recorded(Tensor leaf) {
        return leaf.mul(2).requiresGrad();
    }
}
