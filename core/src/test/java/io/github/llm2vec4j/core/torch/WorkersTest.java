package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void resultsComeInTheOrderOfTheTasksInEveryRound() {
        try (Workers workers = new Workers(2)) {
            for (int round = 0; round < 20; round++) {
                int n = round;
                List<Integer> results = workers.map(n, i -> {
                    Thread.sleep((n - i) % 3);
                    return i * i;
                });
                assertThat(results)
                        .isEqualTo(IntStream.range(0, n).map(i -> i * i).boxed().toList());
            }
        }
    }

    @Test
    void eachWorkerComputesWithOneThread() {
        try (Workers workers = new Workers(3)) {
            assertThat(workers.map(12, i -> Engine.intraOpThreads())).containsOnly(1);
            assertThat(workers.count()).isEqualTo(3);
        }
    }

    @Test
    void aWideTaskAloneComputesWithTheThreadsOfAllWorkers() {
        try (Workers workers = new Workers(3)) {
            assertThat(workers.mapWide(1, i -> Engine.intraOpThreads())).containsOnly(3);
            assertThat(workers.mapWide(6, i -> Engine.intraOpThreads())).containsOnly(1);
            assertThat(workers.map(6, i -> Engine.intraOpThreads())).containsOnly(1);
            assertThatThrownBy(() -> workers.mapWide(1, i -> {
                        throw new IllegalStateException("of a task");
                    }))
                    .hasMessage("of a task");
            assertThat(workers.map(6, i -> Engine.intraOpThreads())).containsOnly(1);
        }
    }

    @Test
    void tasksShareTheWorkers() {
        ConcurrentHashMap<String, Integer> names = new ConcurrentHashMap<>();
        CountDownLatch both = new CountDownLatch(2);
        try (Workers workers = new Workers(2)) {
            workers.map(2, i -> {
                both.countDown();
                both.await();
                return names.merge(Thread.currentThread().getName(), 1, Integer::sum);
            });
        }
        assertThat(names.keySet()).containsExactlyInAnyOrder("llm2vec-worker-1", "llm2vec-worker-2");
    }

    @Test
    void theFirstFailureIsThrownWhenAllHaveEndedAndTheWorkersGoOn() {
        AtomicInteger ended = new AtomicInteger();
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.map(10, i -> {
                        if (i == 1 || i == 4) {
                            throw new IllegalArgumentException("task " + i);
                        }
                        Thread.sleep(5);
                        return ended.incrementAndGet();
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("task 1");
            assertThat(ended).hasValue(8);
            assertThat(workers.map(2, i -> i)).containsExactly(0, 1);
        }
    }

    @Test
    void anErrorTooIsThrownOnlyWhenAllHaveEnded() {
        AtomicInteger ended = new AtomicInteger();
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.map(10, i -> {
                        if (i == 0) {
                            throw new OutOfMemoryError("task 0");
                        }
                        Thread.sleep(5);
                        return ended.incrementAndGet();
                    }))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(ended).hasValue(9);
        }
    }

    @Test
    void aCheckedFailureIsTheCause() {
        try (Workers workers = new Workers(1)) {
            assertThatThrownBy(() -> workers.map(1, i -> {
                        throw new IOException("disk");
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("disk")
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void anInterruptedCallerWaitsForItsTasksAndStaysInterrupted() throws InterruptedException {
        AtomicInteger ended = new AtomicInteger();
        AtomicReference<String> outcome = new AtomicReference<>("none");
        CountDownLatch started = new CountDownLatch(1);
        try (Workers workers = new Workers(2)) {
            Thread caller = new Thread(() -> {
                List<Integer> results = workers.map(4, i -> {
                    started.countDown();
                    Thread.sleep(50);
                    return ended.incrementAndGet();
                });
                outcome.set(results.size() + " results, " + ended.get() + " ended, interrupted: "
                        + Thread.currentThread().isInterrupted());
            });
            caller.start();
            started.await();
            caller.interrupt();
            caller.join();
        }
        assertThat(outcome).hasValue("4 results, 4 ended, interrupted: true");
    }

    @Test
    void atLeastOneWorkerIsNeeded() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Workers(0)).withMessageContaining("found 0");
        try (Workers workers = new Workers(Workers.usualCount())) {
            assertThat(workers.count()).isEqualTo(Runtime.getRuntime().availableProcessors());
        }
    }

    @Test
    void workersComputeTheSameAsOneThread() {
        try (Scope scope = Scope.open();
                Workers workers = new Workers(2)) {
            Tensor weight = Tensor.zeros(DType.F32, 64, 64).normalInPlace(0, 1, RandomState.seeded(1));
            List<float[]> products = workers.map(50, i -> {
                try (Scope own = Scope.open()) {
                    return weight.matmul(weight).toFloats();
                }
            });
            float[] expected = weight.matmul(weight).toFloats();
            assertThat(products).allSatisfy(product -> assertThat(product).isEqualTo(expected));
        }
    }

    @Test
    void theCauseOfAFailureComesBeforeTheTasksThatEndedBecauseOfIt() {
        try (Workers workers = new Workers(2)) {
            assertThatThrownBy(() -> workers.map(3, i -> {
                        if (i == 1) {
                            throw new IllegalArgumentException("the cause");
                        }
                        throw new CancellationException("another task failed");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the cause");
        }
    }
}
