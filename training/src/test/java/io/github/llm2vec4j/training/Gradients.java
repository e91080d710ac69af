package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one step gave.
 *
 * @param byName of each trained parameter the gradient
 */
record Gradients(double loss, Map<String, float[]> byName) {

    /** Those of the first step, in fp32. */
    static Gradients of(
            Objective objective, Decoder decoder, List<Parameter> parameters, int workers, boolean checkpointLayers) {
        try (Scope scope = Scope.open();
                Replicas replicas = new Replicas(decoder, parameters, workers, DType.F32, checkpointLayers)) {
            double loss = objective.step(0, replicas).loss();
            List<Tensor> sums = replicas.sumGradients();
            Map<String, float[]> byName = new LinkedHashMap<>();
            for (int i = 0; i < sums.size(); i++) {
                byName.put(parameters.get(i).name(), sums.get(i).toFloats());
            }
            return new Gradients(loss, byName);
        }
    }

    /** Fails unless every gradient is within the tolerance times the largest value of its tensor. */
    void assertEqualTo(Gradients expected, double tolerance) {
        assertThat(loss).as("loss").isCloseTo(expected.loss, Parity.relative(expected.loss, tolerance));
        assertThat(byName.keySet()).isEqualTo(expected.byName.keySet()).isNotEmpty();
        byName.forEach((name, values) -> {
            assertThat(Difference.largest(values)).as("gradient of %s", name).isPositive();
            Difference.assertWithinRelative(tolerance, values, expected.byName.get(name), "gradient of " + name);
        });
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
