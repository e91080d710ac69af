package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.hub.HubException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelChainTest {
    private static final double FP32 = 2e-5;
    private static final double BF16 = 0.1;
    private static final EncoderConfig SMALL = new EncoderConfig(Pooling.MEAN, 48, 32, true);

    @TempDir
    private Path temporary;

    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral", "mntp_unmerged", List.of("mntp"), "float32", FP32),
                arguments(Golden.OWN, "mistral", "mntp_merged", List.of("mntp"), "float32", FP32),
                arguments(Golden.OWN, "mistral", "chain", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.OWN, "mistral", "chain_merged", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mntp_unmerged", List.of("mntp"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mntp_merged", List.of("mntp"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mntp_unidirectional", List.of("mntp"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "chain", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "chain_merged", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "simcse_without_mntp", List.of("mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mntp_merged_bf16", List.of("mntp"), "bfloat16", BF16),
                arguments(Golden.SHARED, "llama", "mntp_unmerged", List.of("mntp"), "float32", FP32),
                arguments(Golden.SHARED, "llama", "mntp_merged", List.of("mntp"), "float32", FP32),
                arguments(Golden.SHARED, "llama", "chain", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "llama", "chain_merged", List.of("mntp", "mntp-simcse"), "float32", FP32),
                arguments(Golden.SHARED, "llama", "simcse_without_mntp", List.of("mntp-simcse"), "float32", FP32));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aBaseWithAdaptersEncodesAsTheReferenceDoes(
            Golden golden, String base, String run, List<String> adapters, String dtype, double tolerance)
            throws IOException {
        Llm2Vec.Builder builder = Llm2Vec.builder(golden.file("models/" + base).toString())
                .causal(run.endsWith("unidirectional"))
                .dtype(dtype);
        for (String adapter : adapters) {
            builder.adapter(adapter(golden, base + "-" + adapter));
        }
        try (Llm2Vec model = builder.build()) {
            compare(golden, base + "/" + run, model, tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("bases")
    void anAdapterThatNamesWhatItStandsOnIsAModel(Golden golden, String base) throws IOException {
        Path mntp = adapter(golden, base + "-mntp");
        Path simcse = adapter(golden, base + "-mntp-simcse");
        ModelChain.write(mntp, golden.file("models/" + base).toString(), List.of());
        ModelChain.write(simcse, golden.file("models/" + base).toString(), List.of(mntp));
        try (Llm2Vec model = Llm2Vec.builder(mntp.toString()).dtype("float32").build()) {
            compare(golden, base + "/mntp_merged", model, FP32);
        }
        try (Llm2Vec model = Llm2Vec.builder(simcse.toString()).dtype("float32").build()) {
            assertThat(model.chain().adapters()).hasSize(2);
            compare(golden, base + "/chain_merged", model, FP32);
        }
        try (Llm2Vec model = Llm2Vec.builder(mntp.toString())
                .adapter(simcse)
                .dtype("float32")
                .build()) {
            compare(golden, base + "/chain_merged", model, FP32);
        }
    }

    static Stream<Arguments> bases() {
        return Stream.of(
                arguments(Golden.OWN, "mistral"),
                arguments(Golden.SHARED, "mistral"),
                arguments(Golden.SHARED, "llama"));
    }

    /** So the published adapters come: with config.json, and the base by name alone. */
    @ParameterizedTest
    @MethodSource("withConfig")
    void anAdapterFolderWithAConfigIsLoadedWithItsBase(String base) throws IOException {
        Path folder = adapter(Golden.SHARED, base + "-mntp-with-config");
        Path config = folder.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) new JsonMapper().readTree(config.toFile());
        json.put("base_model_name_or_path", Golden.SHARED.file("models/" + base).toString());
        new JsonMapper().writeValue(config.toFile(), json);
        try (Llm2Vec model = Llm2Vec.builder(folder.toString()).dtype("float32").build()) {
            compare(Golden.SHARED, base + "/mntp_folder_with_config", model, FP32);
        }
    }

    static Stream<String> withConfig() {
        return Stream.of("mistral", "llama");
    }

    @Test
    void anAdapterOnAnotherBaseThanItsOwnIsRefused() throws IOException {
        Path base = Golden.OWN.copy("models/mistral", temporary.resolve("base"));
        Path mntp = adapter(Golden.OWN, "mistral-mntp");
        ModelChain.write(mntp, base.toString(), List.of());
        assertThat(ModelChain.resolve(mntp.toString(), List.of()).adapters()).containsExactly(mntp);

        Path weights = base.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertRefused(mntp, List.of(), "llm2vec4j.json", "another base model", Sha256.ofFile(weights));
    }

    @Test
    void anAdapterOnAnotherAdapterThanItsOwnIsRefused() throws IOException {
        Path base = Golden.OWN.file("models/mistral");
        Path mntp = adapter(Golden.OWN, "mistral-mntp");
        Path simcse = adapter(Golden.OWN, "mistral-mntp-simcse");
        ModelChain.write(simcse, base.toString(), List.of(mntp));
        assertThat(ModelChain.resolve(base.toString(), List.of(mntp, simcse)).adapters())
                .containsExactly(mntp, simcse);

        assertRefused(base, List.of(simcse), "was trained on 1 others, here it is on 0");
        assertRefused(base, List.of(simcse, mntp), "was trained on 1 others, here it is on 0");
        assertRefused(base, List.of(mntp, simcse, simcse), "was trained on 1 others, here it is on 2");
        assertRefused(base, List.of(simcse, simcse), "was trained on 1 others, here it is on 0");
        Golden.OWN.copy("adapters/mistral-mntp-simcse", temporary.resolve("other"));
        assertRefused(base, List.of(temporary.resolve("other"), simcse), "another adapter");
    }

    private static void assertRefused(Path model, List<Path> adapters, String... reasons) {
        assertThatThrownBy(() -> ModelChain.resolve(model.toString(), adapters))
                .isInstanceOf(BadCheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }

    @Test
    void aMissingBaseIsNamed() throws IOException {
        Path folder = adapter(Golden.OWN, "mistral-mntp");
        assertThatThrownBy(() -> Llm2Vec.load(folder.toString()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("models/mistral: is not in the cache")
                .hasMessageContaining("models/mistral is no folder here");
        Files.writeString(folder.resolve("llm2vec4j.json"), "{\"base_model\": \"../nothing\"}");
        assertThatThrownBy(() -> Llm2Vec.load(folder.toString()))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("../nothing: no such model folder");
    }

    @Test
    void aSnapshotIsKnownByItsNameOnTheHub() throws IOException {
        Path snapshot = temporary.resolve("models--Qwen--Qwen2-7B-Instruct/snapshots/" + "a".repeat(40));
        Golden.OWN.copy(
                "models/mistral", Files.createDirectories(snapshot.getParent()).resolve("a".repeat(40)));
        ModelChain chain = ModelChain.resolve(snapshot.toString(), List.of());
        assertThat(chain.template()).isEqualTo(Template.NAMED.get("Qwen/Qwen2-7B-Instruct"));
        assertThat(chain.nameOrPath()).isEqualTo("Qwen/Qwen2-7B-Instruct");
    }

    @Test
    void aMissingAdapterIsNamed() {
        Path missing = temporary.resolve("nothing-here");
        Llm2Vec.Builder builder =
                Llm2Vec.builder(Golden.OWN.file("models/mistral").toString()).adapter(missing);
        assertThatThrownBy(builder::build)
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("nothing-here");
    }

    private Path adapter(Golden golden, String name) throws IOException {
        return TinyEncoder.folder(golden, "adapters/" + name, temporary, SMALL);
    }

    /** Compares the items that the reference takes rightly: all in one line without a merge, and not empty. */
    private static void compare(Golden golden, String run, Llm2Vec model, double tolerance) {
        assertThat(model.config()).isEqualTo(SMALL);
        GoldenItems items = new GoldenItems(golden.json("adapters/manifest.json"));
        List<Integer> right = golden == Golden.OWN ? List.of(0, 1, 5) : List.of(0, 1, 2, 5, 6);
        try (GoldenArrays arrays = golden.arrays("adapters/encode.safetensors")) {
            float[][] expected = arrays.floatRows("emb/" + run);
            float[][] actual = model.encodePrepared(items.prepare(model));
            assertThat(Arrays.stream(actual).mapToDouble(Difference::largest).sum())
                    .isFinite();
            for (int item : right) {
                Difference.assertWithin(tolerance, actual[item], expected[item], run + ", item " + item);
            }
        }
    }
}
