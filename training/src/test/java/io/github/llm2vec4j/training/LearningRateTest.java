package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.llm2vec4j.training.LearningRate.Schedule;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateTest {
    private static final Offset<Double> EXACT = within(1e-12);

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0.25", "3, 0.75", "4, 1", "5, 0.875", "8, 0.5", "11, 0.125", "12, 0", "20, 0"})
    void linear(long step, double expected) {
        assertThat(new LearningRate(1, 4, 12, Schedule.LINEAR).at(step)).isCloseTo(expected, EXACT);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "2, 0.5",
        "4, 1",
        "6, 0.853553390593274", // (1 + cos(π / 4)) / 2
        "8, 0.5",
        "10, 0.146446609406726",
        "12, 0",
        "20, 0"
    })
    void cosine(long step, double expected) {
        assertThat(new LearningRate(1, 4, 12, Schedule.COSINE).at(step)).isCloseTo(expected, EXACT);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "3, 0.75", "4, 1", "12, 1", "1000, 1"})
    void constant(long step, double expected) {
        assertThat(new LearningRate(1, 4, 12, Schedule.CONSTANT).at(step)).isCloseTo(expected, EXACT);
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void withoutWarmUpTheFirstStepHasThePeak(Schedule schedule) {
        assertThat(new LearningRate(3e-5, 0, 1000, schedule).at(0)).isCloseTo(3e-5, within(1e-18));
    }

    @Test
    void theDecayMaySpanMoreStepsThanAreRun() {
        LearningRate wholeCorpus = new LearningRate(1, 0, 100_000, Schedule.LINEAR);
        assertThat(wholeCorpus.at(1000)).isCloseTo(0.99, EXACT);
    }

    @Test
    void aWarmUpAsLongAsTheRunEndsAtZero() {
        LearningRate rate = new LearningRate(1, 4, 4, Schedule.LINEAR);
        assertThat(rate.at(3)).isCloseTo(0.75, EXACT);
        assertThat(rate.at(4)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "linear, LINEAR",
        "Linear, LINEAR",
        "cosine, COSINE",
        "constant, CONSTANT",
        "constant_with_warmup, CONSTANT"
    })
    void schedulesByName(String name, Schedule expected) {
        assertThat(Schedule.of(name)).isEqualTo(expected);
    }

    @Test
    void anUnknownScheduleIsNamedWithThoseThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.of("polynomial"))
                .withMessageContainingAll("polynomial", "linear, cosine or constant_with_warmup");
    }
}
