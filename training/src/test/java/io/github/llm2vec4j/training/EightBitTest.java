package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.training.objective.Objective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that are trained on weights held as int8. */
class EightBitTest {
    @TempDir
    Path folder;

    static Stream<Arguments> objectives() {
        return Stream.of(
                arguments(Named.of("mntp, dropout", Examples.mntp(4, 0.2))),
                arguments(Named.of("gradient cache, dropout", Examples.contrastive(4, true, 0.3, 0.2, false))));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void gradientsAreThoseOnTheWeightsThatTheBytesStandFor(Objective objective) {
        try (GoldenModel eightBit = Examples.adapted();
                GoldenModel wide = Examples.adapted();
                GoldenModel stored = Examples.adapted()) {
            eightBit.decoder.quantize();
            List<Linear> quantized = eightBit.decoder.linears();
            List<Linear> plain = wide.decoder.linears();
            try (Scope scope = Scope.open()) {
                for (int i = 0; i < plain.size(); i++) {
                    Linear linear = plain.get(i);
                    wide.decoder.replaceWeight(
                            linear,
                            new Parameter(
                                    linear.weight().name(), quantized.get(i).weightValue(), false));
                }
            }
            Gradients actual = eightBit.gradients(objective, 2, true);
            actual.assertEqualTo(wide.gradients(objective, 2, true), 1e-6);
            assertThat(actual.loss())
                    .isNotEqualTo(stored.gradients(objective, 2, true).loss());
        }
    }

    @Test
    void theLossFallsAsOnTheWeightsAsStored() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder);
        List<Double> stored = losses(stage.finish("stored"));
        List<Double> eightBit = losses(stage.with("load_in_8bit", "true").finish("eight-bit"));

        assertThat(eightBit).hasSameSizeAs(stored).isNotEqualTo(stored);
        for (int i = 0; i < stored.size(); i++) {
            assertThat(eightBit.get(i)).as("loss of step %d", i + 1).isCloseTo(stored.get(i), within(0.02));
        }
        assertThat(stored.get(0) - stored.get(stored.size() - 1))
                .as("what is learned")
                .isGreaterThan(0.1);
    }

    private static List<Double> losses(Path output) {
        return TinyStage.log(output).stream()
                .filter(line -> line.has("loss"))
                .map(line -> line.path("loss").asDouble())
                .toList();
    }

    @Test
    void theAdapterIsForTheBaseAsItIsStored() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder);
        Path stored = stage.finish("stored");
        Path eightBit = stage.with("load_in_8bit", "true").finish("eight-bit");

        assertThat(eightBit.resolve("adapter_config.json"))
                .hasSameTextualContentAs(stored.resolve("adapter_config.json"));
        try (Llm2Vec one = Llm2Vec.builder(eightBit.toString()).dtype("float32").build();
                Llm2Vec other =
                        Llm2Vec.builder(stored.toString()).dtype("float32").build()) {
            float[] a = one.encode(List.of("green bread"))[0];
            float[] b = other.encode(List.of("green bread"))[0];
            assertThat(a.length).isEqualTo(b.length);
            for (int i = 0; i < a.length; i++) {
                assertThat(a[i]).isCloseTo(b[i], within(0.05f));
            }
        }
    }

    @Test
    void aStageThatTrainsAllWeightsRefusesIt() throws IOException {
        TinyStage stage = new TinyStage(StageKind.CLM, folder).with("load_in_8bit", "true");
        assertThatThrownBy(() -> stage.stage("out"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("settings: load_in_8bit: ")
                .hasMessageContaining("leave it out");
    }

    @Test
    void layersThatAreKeptForTheWayBackAreRefused() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder)
                .with("load_in_8bit", "true")
                .with("gradient_checkpointing", "false");
        assertThatThrownBy(() -> stage.stage("out"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("settings: gradient_checkpointing: false")
                .hasMessageContaining("load_in_8bit");
        assertThat(Files.exists(folder.resolve("out"))).isFalse();
    }
}
