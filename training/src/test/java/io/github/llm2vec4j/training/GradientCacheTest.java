package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encoding twice without holding graphs gives the loss and the gradients of holding them all. */
class GradientCacheTest {
    private static final double EQUAL = 1e-5;

    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, false",
        "3, 0, 0, false",
        "8, 0, 0, false",
        "2, 0.3, 0, false",
        "2, 0, 0.2, false",
        "3, 0.3, 0.2, false",
        "4, 0.3, 0.2, true"
    })
    void lossAndGradientsAreThePlainOnes(
            int microBatch, double attentionDropout, double loraDropout, boolean wholeRows) {
        try (GoldenModel model = Examples.adapted()) {
            Gradients cached = model.gradients(
                    Examples.contrastive(microBatch, true, attentionDropout, loraDropout, wholeRows), 1, false);
            Gradients plain = model.gradients(
                    Examples.contrastive(microBatch, false, attentionDropout, loraDropout, wholeRows), 1, false);
            cached.assertEqualTo(plain, EQUAL);
        }
    }

    @Test
    void dropoutChangesTheLoss() {
        try (GoldenModel model = Examples.adapted()) {
            double without = loss(model, 0, 0);
            assertThat(loss(model, 0.3, 0)).isNotEqualTo(without);
            assertThat(loss(model, 0, 0.2)).isNotEqualTo(without);
        }
    }

    private static double loss(GoldenModel model, double attentionDropout, double loraDropout) {
        return model.gradients(Examples.contrastive(4, true, attentionDropout, loraDropout, false), 1, false)
                .loss();
    }
}
