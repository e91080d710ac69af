package io.github.llm2vec4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Activations;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Leaves;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** rsLoRA and DoRA against PEFT: states, gradients, merged weights, files. */
class LoraVariantsGoldenTest {
    private static final double STATES = 2e-5;
    private static final double GRADIENT = 1e-4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"rslora", "dora", "dora-rslora"})
    void statesAndGradientsAreThoseOfPeft(String name) {
        try (GoldenArrays arrays = arrays();
                Decoder decoder = base();
                LoraAdapter adapter = LoraAdapter.load(decoder, stored(name), true);
                Scope scope = Scope.open();
                Leaves leaves = new Leaves(adapter.parameters())) {
            Pass pass = new Pass(Pass.Direction.CAUSAL, DType.F32, leaves, 0, 0, 0);
            for (boolean checkpointed : List.of(false, true)) {
                leaves.clearGradients();
                Activations activations = decoder.forward(tokens(arrays, name), pass, checkpointed);
                Difference.assertWithin(
                        STATES, activations.output().toFloats(), arrays.floats(name + "/states"), "states");
                activations.backward(Tensor.of(
                        arrays.floats(name + "/direction"), activations.output().shape()));
                for (int i = 0; i < adapter.parameters().size(); i++) {
                    String parameter = adapter.parameters().get(i).name();
                    Difference.assertWithinRelative(
                            GRADIENT,
                            Objects.requireNonNull(leaves.gradients().get(i)).toFloats(),
                            arrays.floats(name + "/grad/" + parameter),
                            "gradient of " + parameter);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rslora", "dora", "dora-rslora"})
    void mergedWeightsAreThoseOfPeft(String name) {
        try (GoldenArrays arrays = arrays();
                Decoder decoder = base()) {
            LoraAdapter.merge(decoder, List.of(stored(name)));
            var names = arrays.namesUnder(name + "/merged/");
            assertThat(names).hasSize(2);
            for (String weight : names) {
                Difference.assertWithin(
                        1e-6,
                        decoder.parameters().get(weight).value().toFloats(),
                        arrays.floats(name + "/merged/" + weight),
                        weight);
            }
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Pass pass = Pass.inference(Pass.Direction.CAUSAL, DType.F32);
                Difference.assertWithin(
                        STATES,
                        decoder.hiddenStates(tokens(arrays, name), pass).toFloats(),
                        arrays.floats(name + "/states"),
                        "states of the merged model");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rslora", "dora", "dora-rslora"})
    void savingKeepsEveryBit(String name) throws IOException {
        try (Decoder decoder = base();
                LoraAdapter adapter = LoraAdapter.load(decoder, stored(name), false)) {
            adapter.save(folder);
            assertThat(LoraConfig.read(folder)).isEqualTo(LoraConfig.read(stored(name)));
        }
        assertThat(folder.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(stored(name).resolve("adapter_model.safetensors"));
    }

    @ParameterizedTest
    @CsvSource({"false, 0.5", "true, 2"})
    void theScaleOfARankOf16(boolean rankStabilized, double scale) {
        LoraConfig config = new LoraConfig(16, 8, 0, LoraConfig.ALL_LINEAR, "base", rankStabilized, false);
        assertThat(config.scale()).isEqualTo(scale);
    }

    @Test
    void aNewDecomposedAdapterChangesNothingYet() {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter();
                Decoder decoder = base()) {
            TokenBatch batch = TokenBatch.of(List.of(new int[] {1, 20, 30, 40}), 2);
            Pass pass = Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32);
            float[] plain = decoder.hiddenStates(batch, pass).toFloats();
            LoraConfig config = new LoraConfig(4, 8, 0, LoraConfig.ALL_LINEAR, "base", false, true);
            try (LoraAdapter adapter = LoraAdapter.inject(decoder, config, 1)) {
                assertThat(adapter.parameters()).hasSize(3 * 14);
                assertThat(adapter.parameters().stream().filter(LoraAdapter::isB))
                        .hasSize(14);
                Difference.assertWithin(1e-5, decoder.hiddenStates(batch, pass).toFloats(), plain, "states");
            }
            assertThat(decoder.linears()).allMatch(linear -> linear.branch() == null);
        }
    }

    @Test
    void aRowOfZerosStaysFinite() {
        try (Scope scope = Scope.open()) {
            Parameter a = new Parameter("a", Tensor.zeros(DType.F32, 1, 3), false);
            Parameter b = new Parameter("b", Tensor.zeros(DType.F32, 2, 1), false);
            Parameter magnitude = new Parameter("m", Tensor.of(new float[] {1e-15f, 2}, 2), false);
            Tensor weight = Tensor.of(new float[] {0, 0, 0, 3, 0, 4}, 2, 3);
            float[] merged =
                    new Linear.LowRank(a, b, 1, magnitude).merged(weight).toFloats();
            List.of(a, b, magnitude).forEach(Parameter::close);
            assertThat(merged)
                    .containsExactly(new float[] {0, 0, 0, 1.2f, 0, 1.6f}, org.assertj.core.data.Offset.offset(1e-6f));
        }
    }

    @Test
    void decomposedAdaptersAreNotJoined() {
        try (Decoder decoder = base()) {
            long live = Tensor.liveCount();
            assertThatThrownBy(() -> LoraAdapter.join(decoder, List.of(stored("rslora"), stored("dora"))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("llama-dora: an adapter with use_dora does not add up with others");
            assertThat(Tensor.liveCount()).isEqualTo(live);
            try (LoraAdapter joined = LoraAdapter.join(decoder, List.of(stored("rslora"), stored("rslora")))) {
                assertThat(joined.config().rank()).isEqualTo(8);
                assertThat(joined.config().scale()).isEqualTo(1);
            }
        }
    }

    @Test
    void aMissingMagnitudeIsNamed() throws IOException {
        Path copy = Golden.OWN.copy("adapters/llama-rslora", folder.resolve("adapter"));
        Path config = copy.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"use_dora\": false", "\"use_dora\": true"));
        try (Decoder decoder = base()) {
            assertThatThrownBy(() -> LoraAdapter.load(decoder, copy, false))
                    .hasMessageContaining(
                            "has no tensor 'base_model.model.layers.0.self_attn.q_proj" + ".lora_magnitude_vector'");
        }
    }

    private static TokenBatch tokens(GoldenArrays arrays, String name) {
        return TokenBatch.of(Arrays.asList(arrays.intRows(name + "/tokens")), 2);
    }

    private static GoldenArrays arrays() {
        return Golden.OWN.arrays("adapters/variants.safetensors");
    }

    private static Path stored(String name) {
        return Golden.OWN.file("adapters/llama-" + name);
    }

    private static Decoder base() {
        return Decoder.load(Golden.OWN.file("models/llama"), DType.F32);
    }
}
