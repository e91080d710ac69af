package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
    private long liveBefore;

    @BeforeEach
    void count() {
        liveBefore = Tensor.liveCount();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(Tensor.liveCount()).isEqualTo(liveBefore);
        assertThatIllegalStateException().isThrownBy(Scope::current);
    }

    @Test
    void aTensorDiesWithItsScope() {
        Tensor tensor;
        try (Scope scope = Scope.open()) {
            tensor = Tensor.full(DType.F32, 2, 3);
            assertThat(Tensor.liveCount()).isEqualTo(liveBefore + 1);
            assertThat(tensor.toFloats()).containsExactly(2, 2, 2);
        }
        assertThat(tensor).hasToString("Tensor[closed]");
        assertThatIllegalStateException().isThrownBy(tensor::item).withMessageContaining("scope has ended");
        assertThatIllegalStateException().isThrownBy(tensor::toFloats);
        assertThatIllegalStateException().isThrownBy(() -> tensor.size(0));
        assertThatIllegalStateException().isThrownBy(() -> tensor.fillInPlace(1));
        assertThatIllegalStateException().isThrownBy(tensor::keep);
        tensor.close();
    }

    @Test
    void aTensorBelongsToTheInnermostScope() {
        try (Scope outer = Scope.open()) {
            Tensor first = Tensor.full(DType.F32, 1, 1);
            Tensor second;
            try (Scope inner = Scope.open()) {
                second = first.add(first);
            }
            Tensor third = first.add(1);

            assertThat(first.item()).isEqualTo(1);
            assertThat(third.item()).isEqualTo(2);
            assertThatIllegalStateException().isThrownBy(second::item);
            assertThatIllegalStateException().isThrownBy(() -> first.add(second));
        }
    }

    @Test
    void aKeptTensorLivesUntilItIsClosed() {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = Tensor.full(DType.F32, 2, 3).keep();
            assertThat(kept.keep()).isSameAs(kept);
        }
        assertThat(kept.toFloats()).containsExactly(2, 2, 2);
        kept.close();
        kept.close();
        assertThatIllegalStateException().isThrownBy(kept::shape);
        assertThatIllegalStateException().isThrownBy(kept::keep);
    }

    @Test
    void theMemoryOfAKeptTensorGoesWhenItIsClosedNotWithTheScopeItCameFrom() {
        try (Scope scope = Scope.open()) {
            Tensor kept = Tensor.full(DType.F32, 1, 2).keep();
            org.bytedeco.pytorch.Tensor pointer = kept.pointer();
            assertThat(pointer.referenceCount()).isEqualTo(1);
            kept.close();
            assertThat(pointer.isNull() || pointer.referenceCount() <= 0).isTrue();
        }
    }

    @Test
    void closingATensorThatBelongsToAScopeLeavesItToTheScope() {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.full(DType.F32, 1, 1);
            tensor.close();
            assertThat(tensor.item()).isEqualTo(1);
        }
    }

    @Test
    void aResultMovesOutwardsAndWhatItWasMadeFromGoes() {
        AtomicReference<Tensor> intermediate = new AtomicReference<>();
        Tensor result;
        try (Scope outer = Scope.open()) {
            Tensor input = Tensor.full(DType.F32, 3, 1);
            result = Scope.compute(() -> {
                intermediate.set(input.mul(2));
                return Scope.compute(() -> intermediate.get().add(1));
            });
            assertThat(result.item()).isEqualTo(7);
            assertThatIllegalStateException().isThrownBy(intermediate.get()::item);
            assertThat(Tensor.liveCount()).isEqualTo(liveBefore + 2);
        }
        assertThatIllegalStateException().isThrownBy(result::item);
    }

    @Test
    void aResultThatMovedOutwardsMayBeKept() {
        Tensor result;
        try (Scope outer = Scope.open()) {
            result = Scope.compute(() -> Tensor.full(DType.F32, 3, 1)).keep();
        }
        assertThat(result.item()).isEqualTo(3);
        result.close();
    }

    @Test
    void aComputationMayReturnATensorOfAnOuterScope() {
        try (Scope outer = Scope.open()) {
            Tensor input = Tensor.full(DType.F32, 3, 1);
            try (Scope inner = Scope.open()) {
                assertThat(Scope.compute(() -> input)).isSameAs(input);
            }
            assertThat(input.item()).isEqualTo(3);
        }
    }

    @Test
    void aKeptTensorThatAComputationReturnsStaysWithItsOwner() {
        Tensor parameter;
        try (Scope scope = Scope.open()) {
            parameter = Tensor.full(DType.F32, 3, 1).keep();
        }
        try (Scope scope = Scope.open()) {
            assertThat(Scope.compute(() -> parameter.to(DType.F32))).isSameAs(parameter);
        }
        assertThat(parameter.item()).isEqualTo(3);
        parameter.close();
    }

    @Test
    void aResultThatIsKeptInsideStaysKept() {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = Scope.compute(() -> Tensor.full(DType.F32, 3, 1).keep());
        }
        assertThat(kept.item()).isEqualTo(3);
        kept.close();
    }

    @Test
    void aFailedComputationFreesWhatItMadeAndClosesItsScope() {
        AtomicReference<Tensor> made = new AtomicReference<>();
        try (Scope outer = Scope.open()) {
            assertThatThrownBy(() -> Scope.compute(() -> {
                        made.set(Tensor.zeros(DType.F32, 4));
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no");
            assertThat(Scope.current()).isSameAs(outer);
            assertThatIllegalStateException().isThrownBy(made.get()::item);
            assertThat(Tensor.liveCount()).isEqualTo(liveBefore);
        }
    }

    @Test
    void withoutAScopeNothingIsMade() {
        Tensor kept;
        try (Scope scope = Scope.open()) {
            kept = Tensor.full(DType.F32, 1, 2).keep();
        }
        String message = "no scope is open on thread '" + Thread.currentThread().getName() + "'";
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.zeros(DType.F32, 1))
                .withMessageContaining(message);
        assertThatIllegalStateException().isThrownBy(() -> kept.add(kept)).withMessageContaining(message);
        assertThatIllegalStateException().isThrownBy(() -> kept.mulInPlace(2)).withMessageContaining(message);
        assertThatIllegalStateException().isThrownBy(() -> Tensor.of(new float[] {1}, 1));
        assertThatIllegalStateException().isThrownBy(() -> Scope.compute(() -> kept));
        assertThatIllegalStateException().isThrownBy(NoGrad::enter);
        assertThatIllegalStateException().isThrownBy(() -> RandomState.seeded(1));
        assertThat(kept.toFloats()).containsExactly(1, 1);
        kept.close();
    }

    @Test
    void scopesAreClosedInnermostFirst() {
        Scope outer = Scope.open();
        Tensor tensor = Tensor.zeros(DType.F32, 1);
        Scope inner = Scope.open();

        assertThatIllegalStateException().isThrownBy(outer::close).withMessageContaining("innermost first");
        assertThat(tensor.item()).isZero();
        inner.close();
        outer.close();
        assertThatIllegalStateException().isThrownBy(outer::close);
    }

    @Test
    void aScopeIsNotClosedNorItsTensorsKeptByAnotherThread() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.full(DType.F32, 1, 1);
            AtomicReference<Throwable> closing = new AtomicReference<>();
            AtomicReference<Throwable> keeping = new AtomicReference<>();
            Thread other = new Thread(() -> {
                closing.set(failureOf(scope::close));
                keeping.set(failureOf(tensor::keep));
            });
            other.start();
            other.join();

            assertThat(closing.get()).isInstanceOf(IllegalStateException.class);
            assertThat(keeping.get()).isInstanceOf(IllegalStateException.class);
            assertThat(tensor.item()).isEqualTo(1);
        }
    }

    @Test
    void anotherThreadMayReadATensorAndHasItsOwnScopes() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.full(DType.F32, 4, 1);
            AtomicReference<Double> read = new AtomicReference<>();
            AtomicReference<Throwable> noScope = new AtomicReference<>();
            Thread other = new Thread(() -> {
                noScope.set(failureOf(() -> tensor.add(1)));
                try (Scope own = Scope.open()) {
                    read.set(tensor.add(1).item());
                }
            });
            other.start();
            other.join();

            assertThat(noScope.get()).isInstanceOf(IllegalStateException.class);
            assertThat(read.get()).isEqualTo(5);
        }
    }

    private static Throwable failureOf(Runnable action) {
        try {
            action.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }
}
