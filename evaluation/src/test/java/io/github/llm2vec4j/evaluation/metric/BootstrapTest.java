package io.github.llm2vec4j.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BootstrapTest {
    private static final Bootstrap QUICK = new Bootstrap(300, 7);

    @Test
    void theIntervalOfAProportionIsThatOfTheNormalApproximation() {
        double[][] items = coins(new Random(1), 400, 0.7);
        Interval interval = Bootstrap.STANDARD.interval(Statistic.RATIO, items);
        double score = Statistic.RATIO.of(items);
        double expected = 1.96 * Math.sqrt(score * (1 - score) / items.length);
        assertThat(interval.halfWidth()).isCloseTo(expected, within(0.006));
        assertThat(interval.contains(score)).isTrue();
    }

    @Test
    void intervalsHoldTheTrueValueAboutAsOftenAsTheySay() {
        long held = IntStream.range(0, 300)
                .filter(trial -> QUICK.interval(Statistic.RATIO, coins(new Random(trial), 150, 0.7))
                        .contains(0.7))
                .count();
        assertThat(held).isBetween(270L, 296L);
    }

    @Test
    void modelsThatDoNotDifferAreSeldomCalledDifferent() {
        long called = IntStream.range(0, 300)
                .filter(trial -> {
                    Random random = new Random(trial);
                    return QUICK.compare(Statistic.RATIO, coins(random, 120, 0.6), coins(random, 120, 0.6))
                            .significant();
                })
                .count();
        assertThat(called).isBetween(2L, 28L);
    }

    @ParameterizedTest
    @EnumSource(Statistic.class)
    void theIntervalLiesAroundTheScore(Statistic statistic) {
        double[][] items = items(statistic, 0.4, 9);
        double score = statistic.of(items);
        Interval interval = Bootstrap.STANDARD.interval(statistic, items);
        assertThat((score - interval.low()) / (interval.high() - interval.low()))
                .isBetween(0.3, 0.7);
    }

    @ParameterizedTest
    @EnumSource(Statistic.class)
    void aModelAgainstItselfIsNotDifferent(Statistic statistic) {
        double[][] items = items(statistic, 0.5, 3);
        Comparison comparison = QUICK.compare(statistic, items, items);
        assertThat(comparison.difference()).isZero();
        assertThat(comparison.p()).isEqualTo(1);
        assertThat(comparison.interval()).isEqualTo(new Interval(0, 0));
    }

    @ParameterizedTest
    @EnumSource(Statistic.class)
    void aClearDifferenceIsFoundAndTheOtherWayRoundHasTheOtherSign(Statistic statistic) {
        double[][] good = items(statistic, 0.95, 1);
        double[][] bad = items(statistic, 0.3, 2);
        Comparison comparison = QUICK.compare(statistic, good, bad);
        assertThat(comparison.significant()).isTrue();
        assertThat(comparison.p()).isPositive();
        assertThat(comparison.interval().low()).isPositive();
        Comparison reverse = QUICK.compare(statistic, bad, good);
        assertThat(reverse.difference()).isCloseTo(-comparison.difference(), within(1e-12));
        assertThat(reverse.significant()).isTrue();
    }

    @Test
    void theSameSeedGivesTheSameFiguresAndAnotherOthers() {
        double[][] items = coins(new Random(5), 50, 0.5);
        assertThat(new Bootstrap(100, 1).interval(Statistic.RATIO, items))
                .isEqualTo(new Bootstrap(100, 1).interval(Statistic.RATIO, items));
        double[][] rows = items(Statistic.SPEARMAN, 0.5, 4);
        assertThat(new Bootstrap(100, 1).interval(Statistic.SPEARMAN, rows))
                .isNotEqualTo(new Bootstrap(100, 2).interval(Statistic.SPEARMAN, rows));
    }

    @Test
    void resamplesWithoutAScoreAreLeftOut() {
        double[][] items = {{0.9, 1}, {0.1, 0}, {0.2, 0}};
        Interval interval = QUICK.interval(Statistic.AVERAGE_PRECISION, items);
        assertThat(interval).isEqualTo(new Interval(1, 1));
    }

    @Test
    void refusesItemsThatDoNotPair() {
        assertThatThrownBy(() -> QUICK.compare(Statistic.RATIO, new double[2][], new double[3][]))
                .hasMessageContaining("as many items of the second model");
        assertThatThrownBy(() -> QUICK.interval(Statistic.RATIO, new double[0][]))
                .hasMessageContaining("found none");
    }

    private static double[][] coins(Random random, int n, double chance) {
        return IntStream.range(0, n)
                .mapToObj(i -> new double[] {random.nextDouble() < chance ? 1 : 0, 1})
                .toArray(double[][]::new);
    }

    /** Rows of a model that is right with the given chance. */
    private static double[][] items(Statistic statistic, double right, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, 80)
                .mapToObj(i -> {
                    boolean hit = random.nextDouble() < right;
                    int label = i % 4;
                    return switch (statistic) {
                        case RATIO -> new double[] {hit ? 1 : 0, 1};
                        case WEIGHTED_F1, V_MEASURE -> new double[] {label, hit ? label : random.nextInt(4)};
                        case AVERAGE_PRECISION -> new double[] {hit ? label % 2 : random.nextDouble(), label % 2};
                        case SPEARMAN -> new double[] {hit ? i : random.nextInt(80), i};
                    };
                })
                .toArray(double[][]::new);
    }
}
