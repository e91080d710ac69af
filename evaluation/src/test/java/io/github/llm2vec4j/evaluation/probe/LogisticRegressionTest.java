package io.github.llm2vec4j.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.Golden;
import io.github.llm2vec4j.evaluation.probe.LogisticRegression.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {
    private static final Settings TIGHT = new Settings(10, 1e-8, 1000);

    @Test
    void decisionsEqualScikitLearnWithAFreeIntercept() {
        JsonNode golden = Golden.section("probe");
        DenseRows rows = new DenseRows(Golden.matrix(golden.required("rows")));
        List<String> labels = Golden.strings(golden.required("labels"));
        for (JsonNode example : golden.required("cases")) {
            LogisticRegression model = LogisticRegression.fit(
                    rows, labels, TIGHT.withC(example.required("c").doubleValue()));
            double[][] decisions = model.decisions(rows);
            for (int i = 0; i < decisions.length; i++) {
                assertThat(decisions[i])
                        .containsExactly(
                                Golden.doubles(example.required("decisions").get(i)), within(2e-3));
            }
        }
    }

    @Test
    void theBiasIsNotRegularised() {
        float[][] rows = new float[100][1];
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            rows[i][0] = i % 2;
            labels.add(i < 90 ? "often" : "seldom");
        }
        // the column says nothing, so all the evidence is in the bias: its best value is ln(90/10), however small C is
        LogisticRegression model = LogisticRegression.fit(new DenseRows(rows), labels, TIGHT.withC(1e-4));
        assertThat(model.decisions(new DenseRows(rows))[0][0]).isCloseTo(Math.log(9), within(1e-3));
    }

    @Test
    void shiftAndScaleOfAColumnDoNotMatter() {
        Data data = Data.random(120, 6, 3, 7);
        float[][] moved = new float[data.rows.length][];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = data.rows[i].clone();
            moved[i][2] = 1000 * moved[i][2] + 4000;
        }
        assertThat(fit(moved, data.labels).predict(new DenseRows(moved)))
                .isEqualTo(fit(data.rows, data.labels).predict(new DenseRows(data.rows)));
    }

    @Test
    void sparseAndDenseRowsOfTheSameNormGiveTheSameLabels() {
        SparseRows rows = new SparseRows(
                new int[][] {{0}, {0, 2}, {1}, {1, 2}, {3}, {2, 3}},
                new float[][] {{1}, {1, 0.2f}, {2}, {1, 0.2f}, {1}, {0.2f, 1}},
                4);
        List<String> labels = List.of("a", "a", "b", "b", "c", "c");
        assertThat(LogisticRegression.fit(rows, labels, Settings.SENTENCES).predict(rows))
                .isEqualTo(labels);
    }

    @Test
    void trainingTwiceGivesTheSameNumbers() {
        Data data = Data.random(200, 8, 4, 3);
        assertThat(fit(data.rows, data.labels).decisions(new DenseRows(data.rows)))
                .isDeepEqualTo(fit(data.rows, data.labels).decisions(new DenseRows(data.rows)));
    }

    @Test
    void learnsWhatIsThere() {
        Data data = Data.random(400, 10, 5, 11);
        LogisticRegression model = LogisticRegression.fitChoosingC(
                new DenseRows(data.rows), data.labels, Settings.SENTENCES, 0.01, 1, 100);
        List<String> predicted = model.predict(new DenseRows(data.rows));
        long correct = 0;
        for (int i = 0; i < predicted.size(); i++) {
            correct += predicted.get(i).equals(data.labels.get(i)) ? 1 : 0;
        }
        assertThat(correct).isGreaterThan(320);
        assertThat(model.settings().c()).isIn(0.01, 1.0, 100.0);
    }

    @Test
    void oneLabelIsAlwaysPredicted() {
        Data data = Data.random(10, 3, 1, 1);
        assertThat(fit(data.rows, data.labels).predict(new DenseRows(data.rows)))
                .isEqualTo(Collections.nCopies(10, "label0"));
    }

    @Test
    void twoLabelsEachKeepTheirSide() {
        DenseRows rows = new DenseRows(new float[][] {{-2}, {-1}, {1}, {2}});
        assertThat(LogisticRegression.fit(rows, List.of("z", "z", "a", "a"), Settings.SENTENCES)
                        .predict(rows))
                .containsExactly("z", "z", "a", "a");
        assertThat(LogisticRegression.fit(rows, List.of("a", "a", "z", "z"), Settings.SENTENCES)
                        .predict(rows))
                .containsExactly("a", "a", "z", "z");
    }

    @Test
    void refusesRowsThatDoNotFit() {
        DenseRows rows = new DenseRows(new float[][] {{1, 2}, {3, 4}});
        assertThatThrownBy(() -> LogisticRegression.fit(rows, List.of("a"), Settings.WORDS))
                .hasMessageContaining("found 1 labels");
        LogisticRegression model = LogisticRegression.fit(rows, List.of("a", "b"), Settings.WORDS);
        assertThatThrownBy(() -> model.predict(new DenseRows(new float[][] {{1}})))
                .hasMessage("expected rows of 2 values, found 1");
        assertThatThrownBy(() -> new DenseRows(new float[][] {{Float.NaN}}))
                .hasMessage("row 0: expected finite values, found NaN");
        assertThatThrownBy(() -> new SparseRows(new int[][] {{2, 1}}, new float[][] {{1, 1}}, 3))
                .hasMessageContaining("rising columns");
    }

    private static LogisticRegression fit(float[][] rows, List<String> labels) {
        return LogisticRegression.fit(new DenseRows(rows), labels, TIGHT);
    }

    private record Data(float[][] rows, List<String> labels) {
        static Data random(int n, int dim, int classes, long seed) {
            Random random = new Random(seed);
            float[][] centres = new float[classes][dim];
            for (float[] centre : centres) {
                for (int j = 0; j < dim; j++) {
                    centre[j] = (float) random.nextGaussian();
                }
            }
            float[][] rows = new float[n][dim];
            List<String> labels = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                labels.add("label" + i % classes);
                for (int j = 0; j < dim; j++) {
                    rows[i][j] = (float) (centres[i % classes][j] + random.nextGaussian());
                }
            }
            return new Data(rows, labels);
        }
    }
}
