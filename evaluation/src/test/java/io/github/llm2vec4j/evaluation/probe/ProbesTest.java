package io.github.llm2vec4j.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbesTest {
    /** The rows are rounded to fp32 on our side. */
    private static final double CLOSE = 1e-5;

    @Test
    void softmaxRegressionEqualsScikitLearn() {
        for (JsonNode golden : Golden.section("classifiers")) {
            DenseRows rows = rows(golden);
            double[][] probabilities =
                    SoftmaxRegression.fit(rows, labels(golden), 1).probabilities(rows);
            assertClose(probabilities, golden.required("softmax"));
        }
    }

    @Test
    void aPerceptronFromGivenWeightsEqualsScikitLearn() {
        for (JsonNode golden : Golden.section("classifiers")) {
            DenseRows rows = rows(golden);
            JsonNode mlp = golden.required("mlp");
            JsonNode start = mlp.required("start");
            Perceptron.Layers layers = new Perceptron.Layers(
                    flat(start.get(0)), flat(start.get(1)), flat(start.get(2)), flat(start.get(3)));
            Perceptron.Settings settings = new Perceptron.Settings(
                    mlp.required("hidden").intValue(),
                    mlp.required("batch").intValue(),
                    mlp.required("epochs").intValue(),
                    false);
            double[][] probabilities =
                    Perceptron.fit(rows, labels(golden), layers, settings).probabilities(rows);
            assertClose(probabilities, mlp.required("probabilities"));
        }
    }

    @Test
    void oneTreeOnAllColumnsEqualsScikitLearn() {
        RandomForest.Settings settings = new RandomForest.Settings(1, Integer.MAX_VALUE, 2, false);
        for (JsonNode golden : Golden.section("classifiers")) {
            DenseRows rows = rows(golden);
            assertThat(RandomForest.fit(rows, labels(golden), settings, 0).predict(rows))
                    .isEqualTo(Golden.strings(golden.required("tree")));
        }
    }

    @Test
    void kMeansFromGivenCentresEqualsScikitLearn() {
        JsonNode golden = Golden.section("k_means");
        double[][] start = new double[golden.required("start").size()][];
        for (int c = 0; c < start.length; c++) {
            start[c] = Golden.doubles(golden.required("start").get(c));
        }
        KMeans result = KMeans.fit(rows(golden), start);
        assertThat(IntStream.of(result.clusters()).boxed().toList()).isEqualTo(integers(golden.required("clusters")));
        assertThat(result.inertia()).isCloseTo(golden.required("inertia").doubleValue(), within(1e-3));
    }

    @Test
    void kMeansFindsGroupsThatLieApartInDenseAndInSparseRows() {
        Random random = new Random(3);
        float[][] dense = new float[60][3];
        int[][] columns = new int[60][];
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 3; j++) {
                dense[i][j] = (float) ((i % 3 == j ? 20 : 1) + random.nextDouble());
            }
            columns[i] = new int[] {0, 1, 2};
        }
        for (Rows rows : List.of(new DenseRows(dense), new SparseRows(columns, dense, 3))) {
            int[] clusters = KMeans.fit(rows, 3, 1).clusters();
            assertThat(IntStream.range(0, 60).allMatch(i -> clusters[i] == clusters[i % 3]))
                    .isTrue();
            assertThat(IntStream.of(clusters[0], clusters[1], clusters[2]).distinct())
                    .hasSize(3);
        }
        assertThatThrownBy(() -> KMeans.fit(new DenseRows(dense), 61, 1)).hasMessageContaining("found 61");
    }

    @Test
    void equalRowsAreClusteredToo() {
        DenseRows rows = new DenseRows(new float[][] {{1, 1}, {1, 1}, {1, 1}});
        assertThat(KMeans.fit(rows, 2, 5).inertia()).isZero();
    }

    @Test
    void theSameSeedGivesTheSameClassifier() {
        DenseRows train = ring(new Random(1), 200);
        List<String> labels = ringLabels(train);
        DenseRows test = ring(new Random(2), 200);
        assertThat(RandomForest.fit(train, labels, 4).predict(test))
                .isEqualTo(RandomForest.fit(train, labels, 4).predict(test));
        assertThat(Perceptron.fit(train, labels, 4).predict(test))
                .isEqualTo(Perceptron.fit(train, labels, 4).predict(test));
    }

    @Test
    void whatNoLineCanPartTheForestAndThePerceptronPart() {
        DenseRows train = ring(new Random(1), 300);
        DenseRows test = ring(new Random(2), 300);
        List<String> gold = ringLabels(test);
        assertThat(right(RandomForest.fit(train, ringLabels(train), 1), test, gold))
                .isGreaterThan(0.9);
        assertThat(right(Perceptron.fit(train, ringLabels(train), 1), test, gold))
                .isGreaterThan(0.9);
        assertThat(right(SoftmaxRegression.fit(train, ringLabels(train), 1), test, gold))
                .isLessThan(0.75);
    }

    @Test
    void oneLabelIsPredictedAlways() {
        DenseRows rows = new DenseRows(new float[][] {{1, 2}, {3, 4}});
        List<String> labels = List.of("a", "a");
        assertThat(RandomForest.fit(rows, labels, 1).predict(rows)).isEqualTo(labels);
        assertThat(Perceptron.fit(rows, labels, 1).predict(rows)).isEqualTo(labels);
        assertThat(SoftmaxRegression.fit(rows, labels, 1).predict(rows)).isEqualTo(labels);
        assertThatThrownBy(() -> RandomForest.fit(rows, List.of("a"), 1)).hasMessageContaining("one label for each");
    }

    private static double right(Classifier classifier, DenseRows rows, List<String> gold) {
        List<String> predicted = classifier.predict(rows);
        return IntStream.range(0, gold.size())
                        .filter(i -> gold.get(i).equals(predicted.get(i)))
                        .count()
                / (double) gold.size();
    }

    /** Points of a disc; those near its middle are "in". */
    private static DenseRows ring(Random random, int n) {
        float[][] rows = new float[n][2];
        for (float[] row : rows) {
            row[0] = (float) random.nextGaussian();
            row[1] = (float) random.nextGaussian();
        }
        return new DenseRows(rows);
    }

    private static List<String> ringLabels(DenseRows rows) {
        return IntStream.range(0, rows.size())
                .mapToObj(i -> rows.dot(i, rows, i) < 1.4 ? "in" : "out")
                .toList();
    }

    private static DenseRows rows(JsonNode golden) {
        return new DenseRows(Golden.matrix(golden.required("rows")));
    }

    private static List<String> labels(JsonNode golden) {
        return Golden.strings(golden.required("labels"));
    }

    private static List<Integer> integers(JsonNode array) {
        List<Integer> values = new ArrayList<>();
        array.forEach(node -> values.add(node.intValue()));
        return values;
    }

    private static double[] flat(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToObj(array::get)
                .flatMapToDouble(node -> node.isArray()
                        ? IntStream.of(0).mapToObj(i -> Golden.doubles(node)).flatMapToDouble(java.util.Arrays::stream)
                        : java.util.stream.DoubleStream.of(node.doubleValue()))
                .toArray();
    }

    private static void assertClose(double[][] found, JsonNode expected) {
        assertThat(found).hasDimensions(expected.size(), expected.get(0).size());
        for (int i = 0; i < found.length; i++) {
            for (int k = 0; k < found[i].length; k++) {
                assertThat(found[i][k]).isCloseTo(expected.get(i).get(k).doubleValue(), within(CLOSE));
            }
        }
    }
}
