package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.Resource;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelExportTest {
    private static final List<String> TEXTS = List.of("שלום עולם", "one two three", "a", "");
    private static final EncoderConfig SETTINGS = new EncoderConfig(Pooling.WEIGHTED_MEAN, 48, 32, false);

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @EnumSource(ModelExport.Format.class)
    void whatIsExportedEncodesAsTheChainDoes(ModelExport.Format format) throws IOException {
        Path exported = temporary.resolve("exported");
        ModelExport.write(chain(), exported, format, null);

        float[][] expected = encode(base(), List.of(adapter("mistral-mntp"), adapter("mistral-mntp-simcse")));
        float[][] actual = encode(exported, List.of());
        for (int i = 0; i < expected.length; i++) {
            Difference.assertWithin(5e-6, actual[i], expected[i], "text " + i);
        }
        float[][] without = encode(base(), List.of());
        assertThat(Difference.cosine(actual[1], without[1])).isLessThan(0.999);
        assertThat(EncoderConfig.read(exported)).isEqualTo(SETTINGS);
    }

    @Test
    void tooLittleRoomIsSaidInOneLine() {
        assertThatThrownBy(() -> ModelExport.checkSpace(temporary.resolve("exported"), 14_500_000_000L, 2_000_000_000L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the weights need 14.5 GB, but 2.0 GB are free in " + temporary
                        + ": make room, or give a folder on another disk");
    }

    @Test
    void aMergedModelIsAFolderOfTransformersThatSaysWhatWasMerged() throws IOException {
        Path exported = temporary.resolve("exported");
        ModelExport.write(chain(), exported, ModelExport.Format.MERGED, DType.BF16);

        JsonNode config = json(exported.resolve("config.json"));
        assertThat(config.path("architectures").path(0).asText()).isEqualTo("MistralForCausalLM");
        assertThat(config.path("torch_dtype").asText()).isEqualTo("bfloat16");
        assertThat(config.path("is_causal").asBoolean(true)).isFalse();
        assertThat(config.path("use_bidirectional_attention").asBoolean()).isTrue();
        JsonNode merged = json(exported.resolve("llm2vec4j.json")).path("merged");
        assertThat(merged.path("base_model").path("sha256").asText()).isEqualTo(ModelDigest.of(base()));
        assertThat(merged.path("adapters").findValuesAsText("sha256"))
                .containsExactly(
                        ModelDigest.of(adapter("mistral-mntp")), ModelDigest.of(adapter("mistral-mntp-simcse")));
        assertThat(ModelInspection.of(ModelChain.resolve(exported.toString(), List.of()))
                        .json()
                        .path("stored_type")
                        .asText())
                .isEqualTo("BF16");
        assertThat(exported.resolve("tokenizer.json")).exists();
    }

    @Test
    void adaptersOfAChainBecomeOneOfTheirRanks() throws IOException {
        Path exported = temporary.resolve("exported");
        ModelExport.write(chain(), exported, ModelExport.Format.PEFT, null);

        JsonNode config = json(exported.resolve("adapter_config.json"));
        assertThat(config.path("r").asInt()).isEqualTo(8);
        assertThat(config.path("lora_alpha").asDouble()).isEqualTo(8);
        assertThat(ModelChain.resolve(exported.toString(), List.of()).base().toRealPath())
                .isEqualTo(base().toRealPath());
    }

    /** Its settings are beside it, its tokenizer and the shape are in it. */
    @Test
    void aGgufFileIsAModelThatCanBeExported() throws IOException {
        Path file = Files.createDirectory(temporary.resolve("gguf")).resolve("model.gguf");
        Files.copy(Resource.file("gguf/llama.gguf"), file);
        SETTINGS.write(file.getParent());
        Path exported = temporary.resolve("exported");
        ModelExport.write(
                ModelChain.resolve(file.getParent().toString(), List.of()), exported, ModelExport.Format.MERGED, null);

        float[][] expected = encode(file, List.of());
        float[][] actual = encode(exported, List.of());
        for (int i = 0; i < expected.length; i++) {
            Difference.assertWithin(0, actual[i], expected[i], "text " + i);
        }
        JsonNode config = json(exported.resolve("config.json"));
        assertThat(config.path("architectures").path(0).asText()).isEqualTo("LlamaForCausalLM");
        assertThat(config.path("torch_dtype").asText()).isEqualTo("float32");
        JsonNode facts = ModelInspection.of(ModelChain.resolve(file.toString(), List.of()))
                .json();
        assertThat(facts.path("base").path("sha256").asText()).isEqualTo(Sha256.ofFile(file));
        assertThat(facts.path("stored_type").asText()).isEqualTo("Q8_0");
        assertThat(facts.path("encoding").path("max_length").asInt()).isEqualTo(48);
        assertThat(facts.path("files")).hasSize(1);
    }

    @Test
    void ofSeveralGgufFilesOneMustBeGiven() throws IOException {
        for (String name : List.of("a.gguf", "b.gguf")) {
            Files.copy(Resource.file("gguf/qwen2.gguf"), temporary.resolve(name));
        }
        assertThatThrownBy(() -> ModelChain.resolve(temporary.toString(), List.of()))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("holds 2 GGUF files: give one of them, such as a.gguf");
    }

    @Test
    void aModelWithoutAdapterIsNoAdapter() {
        assertThatThrownBy(() -> ModelExport.write(
                        ModelChain.resolve(base().toString(), List.of()),
                        temporary.resolve("exported"),
                        ModelExport.Format.PEFT,
                        null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no adapter");
    }

    @Test
    void whatIsThereIsNotOverwritten() throws IOException {
        Path there = Files.createDirectory(temporary.resolve("there"));
        Path kept = Files.writeString(there.resolve("kept"), "kept");
        for (Path target : List.of(there, kept)) {
            assertThatThrownBy(() -> ModelExport.write(chain(), target, ModelExport.Format.MERGED, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(target + ": is there already: give a new or an empty folder");
        }
        assertThat(kept).hasContent("kept");
    }

    @Test
    void anInspectionSaysWhatAModelIs() throws IOException {
        ModelInspection inspection = ModelInspection.of(chain());
        JsonNode json = inspection.json();
        assertThat(json.path("family").asText()).isEqualTo("mistral");
        assertThat(json.path("layers").asInt()).isEqualTo(2);
        // embeddings and head, two blocks of attention, feed-forward and norms, the last norm
        assertThat(json.path("parameters").asLong())
                .isEqualTo(2 * 600 * 32 + 2 * (2 * 32 * 32 + 2 * 16 * 32 + 3 * 32 * 64 + 2 * 32) + 32);
        assertThat(json.path("adapters")).hasSize(2);
        assertThat(json.path("adapters").path(0).path("rank").asInt()).isEqualTo(4);
        assertThat(json.path("tokenizer").path("adds").path(0).asText()).isEqualTo("<s>");
        assertThat(json.path("encoding").path("pooling").asText()).isEqualTo("weighted_mean");
        assertThat(inspection.toText())
                .contains(ModelDigest.of(base()), "mistral-mntp-simcse", "LoRA r 4, alpha 8", "bos <s> (1)")
                .contains("max length 48", "adapter_model.safetensors")
                .hasLineCount(json.path("files").size() + 13);
    }

    private ModelChain chain() throws IOException {
        return ModelChain.resolve(base().toString(), List.of(adapter("mistral-mntp"), adapter("mistral-mntp-simcse")));
    }

    private static Path base() {
        return Golden.OWN.file("models/mistral");
    }

    private Path adapter(String name) throws IOException {
        return TinyEncoder.folder(Golden.OWN, "adapters/" + name, temporary, SETTINGS);
    }

    private static float[][] encode(Path model, List<Path> adapters) {
        Llm2Vec.Builder builder =
                Llm2Vec.builder(model.toString()).dtype("float32").workers(1);
        adapters.forEach(builder::adapter);
        try (Llm2Vec loaded = builder.build()) {
            return loaded.encode(TEXTS);
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(file.toFile());
    }
}
