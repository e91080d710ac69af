package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizedWeightTest {
    private static final int OUTPUTS = 24;
    private static final int INPUTS = 40;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16"})
    void everyValueIsWithinHalfAStepOfItsRow(DType type) {
        long before = Tensor.liveCount();
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor weight = random().to(type);
            try (QuantizedWeight quantized = QuantizedWeight.of(weight)) {
                Tensor wide = quantized.dequantized();
                assertThat(wide.dtype()).isEqualTo(type);
                float[][] expected = weight.to(DType.F32).toRows();
                float[][] actual = wide.to(DType.F32).toRows();
                for (int row = 0; row < OUTPUTS; row++) {
                    float[] there = expected[row];
                    float[] here = actual[row];
                    double largest = IntStream.range(0, INPUTS)
                            .mapToDouble(i -> Math.abs(there[i]))
                            .max()
                            .orElseThrow();
                    double step = largest / 127 * (1 + type.epsilon()) + largest * type.epsilon();
                    assertThat(largest).as("the largest value of row %d", row).isPositive();
                    assertThat(IntStream.range(0, INPUTS)
                                    .mapToDouble(i -> Math.abs(there[i] - here[i]))
                                    .max()
                                    .orElseThrow())
                            .as("error in row %d", row)
                            .isPositive()
                            .isLessThanOrEqualTo(0.51 * step);
                }
            }
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void aRowOfZerosStaysOne() {
        try (Scope scope = Scope.open();
                QuantizedWeight quantized = QuantizedWeight.of(Tensor.zeros(DType.BF16, 2, 8))) {
            assertThat(quantized.dequantized().toFloats()).containsOnly(0);
        }
    }

    @Test
    void aGradientGoesBackThroughTheWideWeight() {
        try (Scope scope = Scope.open();
                QuantizedWeight quantized = QuantizedWeight.of(random())) {
            Tensor x = Tensor.full(DType.F32, 0.5, 3, INPUTS).leaf();
            x.linear(quantized.dequantized(), null).sum().backward();
            Tensor gradient = x.gradient();
            assertThat(gradient).isNotNull();
            Tensor expected = quantized.dequantized().sum(0);
            assertThat(gradient.narrow(0, 0, 1).sub(expected).abs().max(-1).item())
                    .isLessThan(1e-5);
        }
    }

    private static Tensor random() {
        return Tensor.zeros(DType.F32, OUTPUTS, INPUTS).normalInPlace(0, 0.02, RandomState.seeded(5));
    }
}
