package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import java.util.Map;

/**
 * What one step gave.
 *
 * @param byName of each trained parameter the gradient
 */
record Gradients(double loss, Map<String, float[]> byName) {

    /** Fails unless every gradient is within the tolerance times the largest value of its tensor. */
    void assertEqualTo(Gradients expected, double tolerance) {
        assertThat(loss).as("loss").isCloseTo(expected.loss, Parity.relative(expected.loss, tolerance));
        assertThat(byName.keySet()).isEqualTo(expected.byName.keySet()).isNotEmpty();
        byName.forEach((name, values) ->
                Difference.assertWithinRelative(tolerance, values, expected.byName.get(name), "gradient of " + name));
    }

    /** Fails unless loss and gradients are those that a fixture holds under {@code batch0}. */
    void assertReference(double expectedLoss, GoldenArrays arrays) {
        Parity.assertLoss(loss, expectedLoss);
        assertThat(byName).isNotEmpty();
        byName.forEach((name, values) -> Difference.assertWithinRelative(
                Parity.GRADIENT,
                values,
                arrays.floats(GoldenModel.referenceName("batch0/grad", name)),
                "gradient of " + name));
    }
}
