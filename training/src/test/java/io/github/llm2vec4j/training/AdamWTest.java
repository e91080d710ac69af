package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final double RATE = 0.1;

    @Test
    void theFirstStepIsTheLearningRateInTheDirectionOfTheGradient() {
        // Both moments are corrected: mean / (1 - beta1) = g and square / (1 - beta2) = g².
        assertThat(after(settings(1e-8, 0), new float[] {1, 1, 1}, new float[][] {{0.5f, -3, 1e-3f}}))
                .containsExactly(new float[] {0.9f, 1.1f, 0.9f}, within(1e-5f));
    }

    @Test
    void theSecondStepIsThatOfTheFormula() {
        // mean = 0.9 · 0.05 + 0.1 · (-0.25) = 0.02, corrected by 1 - 0.81: 0.10526316
        // square = 0.999 · 0.00025 + 0.001 · 0.0625 = 0.00031225, corrected by 1 - 0.998001: 0.15620310
        // 0.9 - 0.1 · 0.10526316 / 0.39522538 = 0.87336626
        assertThat(after(settings(1e-8, 0), new float[] {1}, new float[][] {{0.5f}, {-0.25f}}))
                .containsExactly(new float[] {0.87336626f}, within(1e-6f));
    }

    @Test
    void epsilonIsAddedToTheCorrectedRoot() {
        // 1 - 0.1 · 0.5 / (0.5 + 1)
        assertThat(after(settings(1, 0), new float[] {1}, new float[][] {{0.5f}}))
                .containsExactly(new float[] {0.9666667f}, within(1e-6f));
    }

    @Test
    void weightDecayDoesNotPassThroughTheMoments() {
        // 1 · (1 - 0.1 · 0.1) - 0.1; through the gradient, the first step would be 0.1 whatever the weight.
        assertThat(after(settings(1e-8, 0.1), new float[] {1, 10}, new float[][] {{0.5f, 0.5f}}))
                .containsExactly(new float[] {0.89f, 9.8f}, within(1e-5f));
        assertThat(after(settings(1e-8, 0.1), new float[] {1, 10}, new float[][] {{0, 0}}))
                .containsExactly(new float[] {0.99f, 9.9f}, within(1e-6f));
    }

    @Test
    void vectorsSuchAsNormsDoNotDecay() {
        try (Scope scope = Scope.open();
                Workers workers = new Workers(1);
                Parameter vector = new Parameter("norm", Tensor.of(new float[] {2, 2}, 2), true);
                AdamW optimizer = new AdamW(List.of(vector), settings(1e-8, 0.1))) {
            optimizer.step(List.of(Tensor.of(new float[] {0, 0}, 2)), RATE, 1, workers);
            assertThat(vector.value().toFloats()).containsExactly(2, 2);
        }
    }

    @Test
    void theBOfAnAdapterLearnsFasterByTheRatioOfLoraPlus() {
        try (Scope scope = Scope.open();
                Workers workers = new Workers(1);
                Parameter a = matrix("q_proj.lora_A.weight", 1);
                Parameter b = matrix("q_proj.lora_B.weight", 1);
                AdamW optimizer = new AdamW(List.of(a, b), new AdamW.Settings(0.9, 0.999, 1e-8, 0.1, 4))) {
            optimizer.step(List.of(row(0.5f), row(0.5f)), RATE, 1, workers);
            // 1 · (1 - rate · 0.1) - rate, with a rate of 0.1 and of 0.4
            assertThat(a.value().toFloats()).containsExactly(new float[] {0.89f}, within(1e-5f));
            assertThat(b.value().toFloats()).containsExactly(new float[] {0.56f}, within(1e-5f));
        }
    }

    @Test
    void manyStepsFollowTheFormula() {
        SplittableRandom random = new SplittableRandom(5);
        float[][] gradients = new float[50][1];
        double weight = 0.3;
        double mean = 0;
        double square = 0;
        for (int t = 1; t <= gradients.length; t++) {
            float g = (float) (random.nextDouble() - 0.3);
            gradients[t - 1][0] = g;
            weight *= 1 - RATE * 0.01;
            mean = 0.9 * mean + 0.1 * g;
            square = 0.999 * square + 0.001 * g * g;
            weight -= RATE * (mean / (1 - Math.pow(0.9, t))) / (Math.sqrt(square / (1 - Math.pow(0.999, t))) + 1e-8);
        }
        float[] actual = after(settings(1e-8, 0.01), new float[] {0.3f}, gradients);
        assertThat((double) actual[0]).isCloseTo(weight, within(1e-5));
    }

    @Test
    void severalWorkersGiveTheSameBitForBit() {
        try (Scope scope = Scope.open();
                Workers one = new Workers(1);
                Workers three = new Workers(3)) {
            assertThat(updated(three)).isEqualTo(updated(one));
        }
    }

    private static float[][] updated(Workers workers) {
        List<Parameter> parameters = List.of(matrix("a", 1, 2, 3), matrix("b", -1, 0.5f), matrix("c", 4));
        List<Tensor> gradients = List.of(row(0.1f, -0.2f, 0.3f), row(1, 2), row(-1));
        try (AdamW optimizer = new AdamW(parameters, settings(1e-8, 0.1))) {
            for (int t = 1; t <= 3; t++) {
                optimizer.step(gradients, RATE, t, workers);
            }
            return parameters.stream().map(p -> p.value().toFloats()).toArray(float[][]::new);
        } finally {
            parameters.forEach(Parameter::close);
        }
    }

    /** A matrix of one row after steps with these gradients. */
    private static float[] after(AdamW.Settings settings, float[] start, float[][] gradients) {
        try (Scope scope = Scope.open();
                Workers workers = new Workers(1);
                Parameter parameter = matrix("w", start);
                AdamW optimizer = new AdamW(List.of(parameter), settings)) {
            for (int t = 1; t <= gradients.length; t++) {
                optimizer.step(List.of(row(gradients[t - 1])), RATE, t, workers);
            }
            return parameter.value().toFloats();
        }
    }

    private static AdamW.Settings settings(double epsilon, double weightDecay) {
        return new AdamW.Settings(0.9, 0.999, epsilon, weightDecay);
    }

    private static Parameter matrix(String name, float... values) {
        return new Parameter(name, row(values), true);
    }

    private static Tensor row(float... values) {
        return Tensor.of(values, 1, values.length);
    }
}
