package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.WeightLayout;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.PackedWeight;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightLayoutTest {
    /** Of 1 to 90 tokens, so that both ways of computing attention take part. */
    private static final List<String> TEXTS = IntStream.range(0, 12)
            .mapToObj(i -> "the quick brown fox ".repeat(1 + 2 * i).substring(i % 4))
            .toList();

    /** The tiny models have N(0, 0.2) weights of 64 inputs, on which int8 loses more than on trained ones. */
    @ParameterizedTest
    @CsvSource({
        "packed, float32, 0.9999999",
        "packed, bfloat16, 0.999",
        "int8, float32, 0.99",
        "int8, bfloat16, 0.99",
        "int4, float32, 0.9",
        "int4, bfloat16, 0.9"
    })
    void vectorsAreThoseOfTheStoredWeights(String layout, String dtype, double cosine) {
        try (Llm2Vec stored = load("stored", "float32");
                Llm2Vec other = load(layout, dtype)) {
            float[][] expected = stored.encode(TEXTS);
            float[][] actual = other.encode(TEXTS);
            for (int i = 0; i < expected.length; i++) {
                assertThat(Difference.cosine(actual[i], expected[i]))
                        .as("cosine of text %d", i)
                        .isGreaterThan(cosine);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stored, bfloat16, 0.9999",
        "packed, float32, 0.999999",
        "packed, bfloat16, 0.9999",
        "int8, float32, 0.9999",
        "int4, float32, 0.999999"
    })
    void aVectorDoesNotDependOnItsBatch(String layout, String dtype, double cosine) {
        try (Llm2Vec model = load(layout, dtype)) {
            float[][] together = model.encode(TEXTS);
            for (int i = 0; i < together.length; i++) {
                assertThat(Difference.cosine(together[i], model.encode(List.of(TEXTS.get(i)))[0]))
                        .as("cosine of text %d", i)
                        .isGreaterThan(cosine);
            }
        }
    }

    @Test
    void packedWeightsCannotBeRead() {
        try (Llm2Vec model = load("packed", "float32")) {
            assertThatThrownBy(() -> model.decoder().linears().get(0).weight())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("layers.0.self_attn.q_proj: its weight is packed");
        }
    }

    @Test
    void anUnknownLayoutIsRefused() {
        assertThatThrownBy(() -> WeightLayout.of("int2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weights: expected auto, stored, packed, int8 or int4, found 'int2'");
    }

    private static Llm2Vec load(String layout, String dtype) {
        Assumptions.assumeTrue(
                !layout.equals("packed") || PackedWeight.isAvailable(DType.ofTorchName(dtype)),
                () -> "this host has no packed kernels for " + dtype);
        return Llm2Vec.builder(Golden.OWN.file("models/mistral").toString())
                .dtype(dtype)
                .weights(WeightLayout.of(layout))
                .build();
    }
}
