package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Parameter;
import java.util.List;
import org.assertj.core.data.Offset;

/** How near training is to the reference: the bounds of the fixtures. */
final class Parity {
    /** Of gradients, in parts of the tensor's largest value. */
    static final double GRADIENT = 1e-4;

    private static final double LOSS = 1e-5;
    private static final double LOSS_ABSOLUTE = 2e-6;
    private static final double CURVE_START = 1e-4;
    private static final double CURVE = 1e-3;
    private static final int START = 5;
    private static final double FINAL = 5e-4;

    private Parity() {}

    static Offset<Double> relative(double expected, double tolerance) {
        return within(Math.abs(expected) * tolerance);
    }

    static void assertLoss(double actual, double expected) {
        assertThat(actual).as("loss").isCloseTo(expected, within(Math.abs(expected) * LOSS + LOSS_ABSOLUTE));
    }

    /** Compares loss, gradient norm and the rate of the next step with a fixture's curve. */
    static void assertCurve(List<TrainingListener.Step> steps, LearningRate learningRate, JsonNode curve) {
        JsonNode losses = curve.path("loss");
        assertThat(steps).hasSameSizeAs(losses).isNotEmpty();
        for (int i = 0; i < steps.size(); i++) {
            double tolerance = i < START ? CURVE_START : CURVE;
            double loss = losses.path(i).doubleValue();
            double norm = curve.path("grad_norm_before_clip").path(i).doubleValue();
            double rate = curve.path("learning_rate_after_step").path(i).doubleValue();
            String where = " of step " + (i + 1);
            assertThat(steps.get(i).loss())
                    .as("loss" + where)
                    .isCloseTo(loss, within(loss * tolerance + LOSS_ABSOLUTE));
            assertThat(steps.get(i).gradientNorm())
                    .as("gradient norm" + where)
                    .isCloseTo(norm, relative(norm, tolerance));
            assertThat(learningRate.at(i + 1)).as("rate after" + where).isCloseTo(rate, within(1e-12));
            assertThat(steps.get(i).learningRate()).as("rate" + where).isEqualTo(learningRate.at(i));
        }
    }

    /** Compares trained weights with those that a fixture holds under a folder. */
    static void assertFinal(List<Parameter> parameters, GoldenArrays arrays, String folder) {
        assertThat(parameters).isNotEmpty();
        for (Parameter parameter : parameters) {
            Difference.assertWithin(
                    FINAL,
                    parameter.value().toFloats(),
                    arrays.floats(GoldenModel.referenceName(folder, parameter.name())),
                    "final " + parameter.name());
        }
    }
}
