package io.github.llm2vec4j.core.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LoraAdapterTest {
    @TempDir
    private Path temporary;

    static Stream<Arguments> merged() {
        return Stream.of(
                arguments(Golden.OWN, "mistral"),
                arguments(Golden.SHARED, "mistral"),
                arguments(Golden.SHARED, "llama"));
    }

    @ParameterizedTest
    @MethodSource("merged")
    void mergedWeightsAreThoseOfTheReference(Golden golden, String base) {
        try (Scope scope = Scope.open();
                GoldenArrays arrays = golden.arrays("adapters/encode.safetensors");
                Decoder decoder = Decoder.load(golden.file("models/" + base), DType.F32)) {
            LoraAdapter.merge(decoder, List.of(golden.file("adapters/" + base + "-mntp")));
            var names = arrays.namesUnder("merged/" + base + "/");
            assertThat(names).hasSize(2);
            for (String name : names) {
                Difference.assertWithin(
                        1e-6,
                        decoder.parameters().get("model." + name).value().toFloats(),
                        arrays.floats("merged/" + base + "/" + name),
                        name);
            }
        }
    }

    @Test
    void layersThatAreQuantisedAsTheyAreMergedAreThoseQuantisedAfterwards() {
        List<Path> folders = List.of(Golden.OWN.file("adapters/mistral-mntp"));
        long before = Tensor.liveCount();
        try (Scope scope = Scope.open();
                Decoder oneByOne = ownBase();
                Decoder afterwards = ownBase()) {
            LoraAdapter.merge(oneByOne, folders, oneByOne::quantize);
            oneByOne.quantize();
            LoraAdapter.merge(afterwards, folders);
            float[] merged = states(afterwards);
            afterwards.quantize();

            assertThat(states(oneByOne)).isEqualTo(states(afterwards)).isNotEqualTo(merged);
            assertThat(Difference.cosine(states(oneByOne), merged)).isGreaterThan(0.999);
            assertThatThrownBy(() -> LoraAdapter.merge(oneByOne, folders))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("quantised");
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void aLoadedAdapterEqualsAMergedOne() {
        try (Decoder loaded = ownBase();
                Decoder merged = ownBase()) {
            Path folder = Golden.OWN.file("adapters/mistral-mntp");
            float[] plain = states(loaded);
            LoraAdapter.merge(merged, List.of(folder));
            try (LoraAdapter adapter = LoraAdapter.load(loaded, folder, false)) {
                Difference.assertWithin(1e-5, states(loaded), states(merged), "states");
                assertThat(Difference.max(states(loaded), plain)).isGreaterThan(0.01);
            }
            assertThat(states(loaded)).as("with the adapter taken off again").isEqualTo(plain);
        }
    }

    @Test
    void aNewAdapterChangesNothingYet() {
        try (Decoder decoder = ownBase()) {
            float[] plain = states(decoder);
            try (LoraAdapter adapter = LoraAdapter.inject(decoder, config(16), 42)) {
                assertThat(states(decoder)).isEqualTo(plain);
                assertThat(adapter.parameters())
                        .hasSize(2 * 7 * decoder.config().layers());
                for (Parameter parameter : adapter.parameters()) {
                    boolean a = parameter.name().contains("lora_A");
                    float largest = (float) Difference.largest(parameter.value().toFloats());
                    double bound = 1 / Math.sqrt(parameter.value().size(1));
                    assertThat(largest)
                            .as(parameter.name())
                            .isBetween(a ? (float) (0.9 * bound) : 0, a ? (float) bound : 0);
                }
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameAdapterAndAnotherAnother() {
        try (Decoder one = ownBase();
                Decoder two = ownBase();
                Decoder three = ownBase();
                LoraAdapter first = LoraAdapter.inject(one, config(4), 42);
                LoraAdapter second = LoraAdapter.inject(two, config(4), 42);
                LoraAdapter third = LoraAdapter.inject(three, config(4), 43)) {
            assertThat(values(first)).isEqualTo(values(second));
            assertThat(values(first)).isNotEqualTo(values(third));
        }
    }

    @Test
    void anAdapterOfMistral7BHasTheParametersOfThePaper() {
        long count = 32L * 16 * (4096 + 4096 + 2 * (4096 + 1024) + 4096 + 4096 + 3 * (4096 + 14336));
        assertThat(count).isEqualTo(41_943_040);
    }

    @ParameterizedTest
    @CsvSource({"OWN, mistral-mntp", "OWN, mistral-mntp-simcse", "SHARED, llama-mntp"})
    void savingAndLoadingKeepsEveryBit(Golden golden, String name) throws IOException {
        Path stored = golden.file("adapters/" + name);
        Path model = golden.file("models/" + name.substring(0, name.indexOf('-')));
        try (Decoder one = Decoder.load(model, DType.F32);
                Decoder two = Decoder.load(model, DType.F32);
                LoraAdapter adapter = LoraAdapter.load(one, stored, true)) {
            adapter.save(temporary);
            assertThat(temporary.resolve("adapter_model.safetensors"))
                    .hasSameBinaryContentAs(stored.resolve("adapter_model.safetensors"));
            try (LoraAdapter again = LoraAdapter.load(two, temporary, false)) {
                assertThat(values(again)).isEqualTo(values(adapter));
                assertThat(again.config()).isEqualTo(adapter.config());
            }
        }
    }

    @Test
    void theConfigHasTheKeysThatPeftReads() throws IOException {
        try (Decoder decoder = ownBase();
                LoraAdapter adapter = LoraAdapter.inject(decoder, config(16), 42)) {
            adapter.save(temporary);
        }
        JsonNode ours = read(temporary.resolve("adapter_config.json"));
        JsonNode theirs = read(Golden.OWN.file("adapters/mistral-mntp/adapter_config.json"));
        assertThat(ours.fieldNames()).toIterable().isSubsetOf(List.copyOf(fields(theirs)));
        for (String key : List.of("bias", "peft_type", "fan_in_fan_out", "modules_to_save", "use_dora", "use_rslora")) {
            assertThat(ours.get(key)).as(key).isEqualTo(theirs.get(key));
        }
        assertThat(ours.path("r").intValue()).isEqualTo(16);
        assertThat(ours.path("lora_alpha").doubleValue()).isEqualTo(32);
        assertThat(ours.path("lora_dropout").doubleValue()).isEqualTo(0.05);
        assertThat(ours.path("base_model_name_or_path").asText()).isEqualTo("the/base");
        assertThat(ours.path("target_modules"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrderElementsOf(LoraConfig.ALL_LINEAR);
    }

    @Test
    void theRevisionOfABaseOnTheHubIsAKeyOfItsOwn() throws IOException {
        LoraConfig config = new LoraConfig(4, 8, 0, LoraConfig.ALL_LINEAR, "owner/model@v1");
        assertThat(config.toJson().path("base_model_name_or_path").asText()).isEqualTo("owner/model");
        assertThat(config.toJson().path("revision").asText()).isEqualTo("v1");
        Files.writeString(
                temporary.resolve("adapter_config.json"), config.toJson().toString());
        assertThat(LoraConfig.read(temporary)).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource({
        "hidden_size, 64, self_attn.q_proj.lora_A.weight",
        "intermediate_size, 80, mlp.gate_proj.lora_B.weight",
        "num_hidden_layers, 3, layers.2.self_attn.q_proj.lora_A.weight",
        "num_hidden_layers, 1, layers.1."
    })
    void anAdapterOfAnotherBaseIsRefusedByTheTensorThatDoesNotFit(String key, int value, String tensor)
            throws IOException {
        ObjectNode json = (ObjectNode) read(Golden.OWN.file("models/mistral/config.json"));
        json.put(key, value);
        try (Decoder decoder = Decoder.random(DecoderConfig.of(json), 1)) {
            long live = Tensor.liveCount();
            assertThatThrownBy(() -> LoraAdapter.load(decoder, Golden.OWN.file("adapters/mistral-mntp"), false))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("adapter_model.safetensors")
                    .hasMessageContaining(tensor)
                    .hasMessageContaining("another base");
            assertThat(Tensor.liveCount()).as("tensors left behind").isEqualTo(live);
            assertThat(decoder.linears()).allMatch(linear -> linear.branch() == null);
        }
    }

    @Test
    void anAdapterOnModulesThatTheBaseLacksIsRefused() throws IOException {
        Path folder = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("adapter"));
        Path file = folder.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) read(file);
        json.putArray("target_modules").add("c_attn");
        Files.writeString(file, json.toString());
        assertRefused(file, "target_modules [c_attn]", "another base");
        json.putArray("target_modules").add("c_attn").add("q_proj");
        Files.writeString(file, json.toString());
        assertRefused(folder.resolve("adapter_model.safetensors"), "has no place in this model", "another base");
    }

    @Test
    void anAdapterInAPickleIsRefusedWithAdvice() throws IOException {
        Path folder = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("adapter"));
        Files.delete(folder.resolve("adapter_model.safetensors"));
        Path pickle = Files.write(folder.resolve("adapter_model.bin"), new byte[] {(byte) 0x80, 2, 'c', 'o', 's'});
        assertRefused(pickle, "is a pickle", "safe_serialization=True");
    }

    private static void assertRefused(Path file, String... reasons) {
        try (Decoder decoder = ownBase()) {
            assertThatThrownBy(() -> LoraAdapter.load(decoder, file.getParent(), false))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageStartingWith(file + ": ")
                    .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
        }
    }

    @ParameterizedTest
    @CsvSource({"fan_in_fan_out, true", "peft_type, \"IA3\"", "bias, \"all\"", "modules_to_save, [\"x\"]"})
    void avariantThatIsNotSupportedIsNamed(String key, String value) throws IOException {
        Path folder = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("adapter"));
        Path file = folder.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) read(file);
        json.set(key, new JsonMapper().readTree(value));
        Files.writeString(file, json.toString());
        try (Decoder decoder = ownBase()) {
            assertThatThrownBy(() -> LoraAdapter.load(decoder, folder, false))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("adapter_config.json")
                    .hasMessageContaining(key);
        }
    }

    @Test
    void mergingTwoAdaptersRoundsOnce() {
        List<Path> chain =
                List.of(Golden.OWN.file("adapters/mistral-mntp"), Golden.OWN.file("adapters/mistral-mntp-simcse"));
        Path model = Golden.OWN.file("models/mistral");
        try (Scope scope = Scope.open();
                Decoder narrow = Decoder.load(model, DType.BF16);
                Decoder wide = Decoder.load(model, DType.F32)) {
            for (Linear linear : wide.linears()) {
                Tensor rounded = linear.weight().value().to(DType.BF16).to(DType.F32);
                linear.replaceWeight(new Parameter(linear.weight().name(), rounded, false));
            }
            LoraAdapter.merge(narrow, chain);
            LoraAdapter.merge(wide, chain);
            Iterator<Linear> exact = wide.linears().iterator();
            for (Linear linear : narrow.linears()) {
                assertThat(linear.weight().value().toFloats())
                        .as(linear.path())
                        .isEqualTo(exact.next().weight().value().to(DType.BF16).toFloats());
            }
        }
    }

    private static LoraConfig config(int rank) {
        return new LoraConfig(rank, 2 * rank, 0.05, LoraConfig.ALL_LINEAR, "the/base");
    }

    private static Decoder ownBase() {
        return Decoder.load(Golden.OWN.file("models/mistral"), DType.F32);
    }

    private static List<List<Float>> values(LoraAdapter adapter) {
        List<List<Float>> all = new ArrayList<>();
        for (Parameter parameter : adapter.parameters()) {
            List<Float> values = new ArrayList<>();
            for (float value : parameter.value().toFloats()) {
                values.add(value);
            }
            all.add(values);
        }
        return all;
    }

    private static float[] states(Decoder decoder) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            TokenBatch batch = TokenBatch.of(List.of(new int[] {1, 20, 30, 40}, new int[] {1, 50}), 2);
            return decoder.hiddenStates(batch, Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32))
                    .toFloats();
        }
    }

    private static List<String> fields(JsonNode json) {
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonNode read(Path file) throws IOException {
        return new JsonMapper().readTree(file.toFile());
    }
}
