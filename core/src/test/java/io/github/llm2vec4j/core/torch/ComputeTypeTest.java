package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeTypeTest {
    @ParameterizedTest
    @CsvSource({"fp32,F32", "float32,F32", "bf16,BF16", "bfloat16,BF16"})
    void aNamedTypeIsTakenWhateverIsFaster(String name, DType type) {
        assertThat(ComputeType.of(name)).isEqualTo(type);
    }

    @Test
    void theFastestTypeIsMeasuredOnceAndLeavesNothingBehind() {
        long live = Tensor.liveCount();
        DType fastest = ComputeType.of("auto");

        assertThat(fastest).isIn(DType.F32, DType.BF16);
        assertThat(ComputeType.fastest()).isEqualTo(fastest);
        assertThat(Tensor.liveCount()).isEqualTo(live);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "int8", "Auto"})
    void anUnknownNameIsRefusedWithTheOnesThatAreKnown(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ComputeType.of(name))
                .withMessage("compute type: expected auto, fp32 or bf16, found '" + name + "'");
    }
}
