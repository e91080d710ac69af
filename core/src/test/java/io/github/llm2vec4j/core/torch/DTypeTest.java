package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DTypeTest {
    @ParameterizedTest
    @CsvSource({
        "float32,F32",
        "fp32,F32",
        "f32,F32",
        "float,F32",
        "FLOAT32,F32",
        "bfloat16,BF16",
        "bf16,BF16",
        "BF16,BF16",
        "float16,F16",
        "fp16,F16",
        "f16,F16",
        "half,F16"
    })
    void namesOfPyTorchAreUnderstood(String name, DType type) {
        assertThat(DType.ofTorchName(name)).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "int8", "torch.float32", "bfloat", "float64"})
    void otherNamesAreRefusedWithTheOnesThatAreKnown(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DType.ofTorchName(name))
                .withMessageContaining("'" + name + "'")
                .withMessageContaining("float32, bfloat16 or float16");
    }

    @Test
    void namesDoNotDependOnTheLocale() {
        java.util.Locale before = java.util.Locale.getDefault();
        try {
            java.util.Locale.setDefault(java.util.Locale.forLanguageTag("tr"));
            assertThat(DType.ofTorchName("BFLOAT16")).isEqualTo(DType.BF16);
        } finally {
            java.util.Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void theTypeOfATensorIsTheOneItWasMadeWith(DType type) {
        try (Scope scope = Scope.open()) {
            Tensor tensor = Tensor.zeros(type, 3);
            assertThat(tensor.dtype()).isEqualTo(type);
            assertThat(tensor.pointer().element_size()).isEqualTo(type.bytes());
            assertThat(tensor.to(DType.F64).dtype()).isEqualTo(DType.F64);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F64,float64,true", "F32,float32,true", "F16,float16,true", "BF16,bfloat16,true", "I64,int64,false",
        "I32,int32,false", "I16,int16,false", "I8,int8,false", "U8,uint8,false", "BOOL,bool,false"
    })
    void typesAreNamedAsInSafetensorsAndPyTorch(DType type, String torchName, boolean floating) {
        assertThat(type.safetensorsName()).isEqualTo(type.name());
        assertThat(type.torchName()).isEqualTo(torchName);
        assertThat(type.isFloatingPoint()).isEqualTo(floating);
    }

    @Test
    void aTypeThatIsNotReadIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DType.of(ScalarType.ComplexFloat));
    }
}
