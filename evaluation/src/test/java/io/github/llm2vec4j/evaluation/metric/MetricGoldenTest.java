package io.github.llm2vec4j.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.Golden;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MetricGoldenTest {
    private static final Offset<Double> EXACT = within(1e-9);

    @Test
    void accuracyAndMacroF1EqualScikitLearn() {
        for (JsonNode golden : Golden.section("classification")) {
            ClassificationScores scores = ClassificationScores.of(
                    Golden.strings(golden.required("gold")), Golden.strings(golden.required("predicted")));
            assertThat(scores.accuracy()).isCloseTo(golden.required("accuracy").doubleValue(), EXACT);
            assertThat(scores.macroF1()).isCloseTo(golden.required("macro_f1").doubleValue(), EXACT);
        }
    }

    @Test
    void averagePrecisionEqualsScikitLearnWithAndWithoutTies() {
        for (JsonNode golden : Golden.section("average_precision")) {
            boolean[] positive = booleans(golden.required("positive"));
            assertThat(AveragePrecision.of(Golden.doubles(golden.required("scores")), positive))
                    .isCloseTo(golden.required("average_precision").doubleValue(), EXACT);
        }
    }

    @Test
    void ndcgEqualsScikitLearn() {
        for (JsonNode golden : Golden.section("ndcg")) {
            Set<Integer> relevant = new HashSet<>();
            golden.required("relevant").forEach(n -> relevant.add(n.intValue()));
            int[] ranking = Ranking.byScore(Golden.doubles(golden.required("scores")));
            assertThat(Ranking.ndcg(ranking, relevant, 3))
                    .isCloseTo(golden.required("ndcg_at_3").doubleValue(), EXACT);
            assertThat(Ranking.ndcg(ranking, relevant, 10))
                    .isCloseTo(golden.required("ndcg_at_10").doubleValue(), EXACT);
        }
    }

    @Test
    void correlationsEqualScipyWithAndWithoutTies() {
        for (JsonNode golden : Golden.section("correlation")) {
            double[] x = Golden.doubles(golden.required("x"));
            double[] y = Golden.doubles(golden.required("y"));
            assertThat(Correlation.pearson(x, y))
                    .isCloseTo(golden.required("pearson").doubleValue(), EXACT);
            assertThat(Correlation.spearman(x, y))
                    .isCloseTo(golden.required("spearman").doubleValue(), EXACT);
        }
    }

    @Test
    void rankingMetricsEqualTrecEval() {
        for (JsonNode golden : Golden.section("trec")) {
            Set<Integer> relevant = new HashSet<>();
            golden.required("relevant").forEach(n -> relevant.add(n.intValue()));
            int[] ranking = Ranking.byScore(Golden.doubles(golden.required("scores")));
            assertThat(Ranking.averagePrecision(ranking, relevant))
                    .isCloseTo(golden.required("map").doubleValue(), EXACT);
            assertThat(Ranking.reciprocalRank(ranking, relevant))
                    .isCloseTo(golden.required("recip_rank").doubleValue(), EXACT);
            assertThat(Ranking.ndcg(ranking, relevant, 10))
                    .isCloseTo(golden.required("ndcg_cut_10").doubleValue(), EXACT);
            assertThat(Ranking.recall(ranking, relevant, 10))
                    .isCloseTo(golden.required("recall_10").doubleValue(), EXACT);
        }
    }

    @Test
    void vMeasureEqualsScikitLearn() {
        for (JsonNode golden : Golden.section("clustering")) {
            List<Integer> classes = integers(golden.required("classes"));
            List<Integer> clusters = integers(golden.required("clusters"));
            VMeasure scores = VMeasure.of(classes, clusters);
            double[] expected = Golden.doubles(golden.required("scores"));
            assertThat(scores.homogeneity()).isCloseTo(expected[0], EXACT);
            assertThat(scores.completeness()).isCloseTo(expected[1], EXACT);
            assertThat(scores.vMeasure()).isCloseTo(expected[2], EXACT);
            double[][] items = new double[classes.size()][];
            for (int i = 0; i < items.length; i++) {
                items[i] = new double[] {classes.get(i), clusters.get(i)};
            }
            assertThat(Statistic.V_MEASURE.of(items)).isCloseTo(expected[2], EXACT);
        }
    }

    @Test
    void bitextScoresEqualScikitLearn() {
        for (JsonNode golden : Golden.section("bitext")) {
            List<Integer> predicted = integers(golden.required("predicted"));
            List<Integer> gold = IntStream.range(0, predicted.size()).boxed().toList();
            double[] expected = Golden.doubles(golden.required("scores"));
            WeightedScores scores = WeightedScores.of(gold, predicted);
            assertThat(scores.precision()).isCloseTo(expected[0], EXACT);
            assertThat(scores.recall()).isCloseTo(expected[1], EXACT);
            assertThat(scores.recall()).isCloseTo(golden.required("accuracy").doubleValue(), EXACT);
            assertThat(scores.f1()).isCloseTo(expected[2], EXACT);
            double[][] items =
                    gold.stream().map(i -> new double[] {i, predicted.get(i)}).toArray(double[][]::new);
            assertThat(Statistic.WEIGHTED_F1.of(items)).isCloseTo(expected[2], EXACT);
        }
    }

    @Test
    void bestThresholdsEqualMteb() {
        for (JsonNode golden : Golden.section("thresholds")) {
            BestThreshold best =
                    BestThreshold.of(Golden.doubles(golden.required("scores")), booleans(golden.required("positive")));
            assertThat(best.accuracy()).isCloseTo(golden.required("accuracy").doubleValue(), EXACT);
            assertThat(best.f1()).isCloseTo(golden.required("f1").doubleValue(), EXACT);
        }
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(node -> values.add(node.intValue()));
        return values;
    }

    private static boolean[] booleans(JsonNode flags) {
        boolean[] values = new boolean[flags.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = flags.get(i).booleanValue();
        }
        return values;
    }

    @Test
    void rankingMetricsByHand() {
        int[] ranking = {4, 2, 0, 1, 3};
        Set<Integer> relevant = Set.of(0, 3);
        assertThat(Ranking.reciprocalRank(ranking, relevant)).isCloseTo(1.0 / 3, EXACT);
        assertThat(Ranking.recall(ranking, relevant, 3)).isEqualTo(0.5);
        assertThat(Ranking.recall(ranking, relevant, 10)).isEqualTo(1);
        // one hit at rank 3 (discount 1/2) over an ideal of ranks 1 and 2
        assertThat(Ranking.ndcg(ranking, relevant, 4)).isCloseTo(0.5 / (1 + Math.log(2) / Math.log(3)), EXACT);
        assertThat(Ranking.reciprocalRank(new int[] {1, 2}, Set.of(9))).isZero();
    }

    @Test
    void equalScoresRankInCorpusOrder() {
        assertThat(Ranking.byScore(new double[] {0.5, 0.7, 0.5, 0.7})).containsExactly(1, 3, 0, 2);
    }

    @Test
    void confusionCountsEveryPair() {
        ClassificationScores scores = ClassificationScores.of(List.of("a", "a", "b"), List.of("a", "c", "b"));
        assertThat(scores.confusion()).isEqualTo(Map.of("a", Map.of("a", 1, "c", 1), "b", Map.of("b", 1)));
        assertThat(scores.macroF1()).isCloseTo((2.0 / 3 + 1 + 0) / 3, EXACT);
    }

    @Test
    void refusesWhatCannotBeScored() {
        assertThatThrownBy(() -> ClassificationScores.of(List.of("a"), List.of()))
                .hasMessage("expected as many predicted labels as gold labels (1), found 0");
        assertThatThrownBy(() -> ClassificationScores.of(List.of(), List.of())).hasMessageContaining("found none");
        assertThatThrownBy(() -> AveragePrecision.of(new double[] {1}, new boolean[] {false}))
                .hasMessageContaining("at least one positive");
        assertThatThrownBy(() -> AveragePrecision.of(new double[] {Double.NaN}, new boolean[] {true}))
                .hasMessageContaining("found NaN");
        assertThatThrownBy(() -> Ranking.ndcg(new int[] {0}, Set.of(), 10)).hasMessageContaining("relevant");
    }

    @Test
    void aConstantSeriesHasNoCorrelation() {
        assertThat(Correlation.spearman(new double[] {1, 1, 1}, new double[] {1, 2, 3}))
                .isNaN();
    }
}
