package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    @Test
    void findsTheTwoAxesOfLargestVariance() {
        // Centred: (±0.8, 0, -0.1) and (0, ±0.6, 0.1); variance 1.28 on x, 0.72 on y, 0.04 on z.
        float[][] vectors = {{1.6f, 0, 1.2f}, {-0.8f, 0, 0.6f}, {0, 0.6f, 0.8f}, {0, -1.2f, 1.6f}};

        Projection projection = Projection.pca2(vectors);

        double[][] expected = {{0.8, 0}, {-0.8, 0}, {0, 0.6}, {0, -0.6}};
        for (int i = 0; i < expected.length; i++) {
            assertThat(projection.points().get(i).x()).isCloseTo(expected[i][0], within(1e-6));
            assertThat(projection.points().get(i).y()).isCloseTo(expected[i][1], within(1e-6));
        }
        assertThat(projection.explained()).isCloseTo(2 / 2.04, within(1e-6));
    }

    @Test
    void aLongerVectorOfTheSameDirectionLiesOnTheSamePoint() {
        Projection projection = Projection.pca2(new float[][] {{1, 2, 3}, {10, 20, 30}, {-1, 0, 1}});

        assertThat(projection.points().get(0).x())
                .isCloseTo(projection.points().get(1).x(), within(1e-6));
        assertThat(projection.points().get(0).y())
                .isCloseTo(projection.points().get(1).y(), within(1e-6));
    }

    @Test
    void equalVectorsFewVectorsAndZerosGiveTheOrigin() {
        Projection.Point origin = new Projection.Point(0, 0);

        assertThat(Projection.pca2(new float[][] {{1, 2}, {1, 2}, {1, 2}}).points())
                .containsOnly(origin);
        assertThat(Projection.pca2(new float[][] {{0, 0}, {0, 0}}).points()).containsOnly(origin);
        assertThat(Projection.pca2(new float[][] {{3, 4}}).points()).containsExactly(origin);
        assertThat(Projection.pca2(new float[0][]).points()).isEmpty();
    }

    /** An eigenvalue decomposition of their products gives up on many vectors of few directions. */
    @Test
    void manyVectorsThatHardlyDifferArePutOnThePlane() {
        Random random = new Random(1);
        float[][] vectors = new float[360][32];
        for (int i = 0; i < vectors.length; i++) {
            for (int d = 0; d < vectors[i].length; d++) {
                vectors[i][d] = (float) (d + (i % 3 == d ? 0.01 : 0) + 1e-7 * random.nextGaussian());
            }
        }
        Projection projection = Projection.pca2(vectors);
        assertThat(projection.explained()).isCloseTo(1, within(1e-3));
        assertThat(projection.points().get(0).x())
                .isCloseTo(projection.points().get(3).x(), within(1e-6));
        assertThat(projection.points().get(0)).isNotEqualTo(projection.points().get(1));
    }

    @Test
    void aLineHasNoSecondAxis() {
        assertThat(Projection.pca2(new float[][] {{1}, {-1}}).points())
                .containsExactly(new Projection.Point(1, 0), new Projection.Point(-1, 0));
    }

    @Test
    void refusesWhatIsNotANumber() {
        assertThatThrownBy(() -> Projection.pca2(new float[][] {{1, 2}, {Float.NaN, 0}}))
                .hasMessageContaining("embedding 1")
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Projection.pca2(new float[][] {{1, 2}, {1}}))
                .hasMessageContaining("expected 2 dimensions, found 1");
    }
}
