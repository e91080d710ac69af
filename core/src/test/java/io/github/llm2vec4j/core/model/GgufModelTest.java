package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.Weights;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.Resource;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufModelTest {
    @TempDir
    private Path temporary;

    @Test
    void aLlamaFileHoldsTheModelItWasMadeOf() {
        try (Scope scope = Scope.open();
                StoredModel original = StoredModel.open(Golden.OWN.file("models/llama"));
                StoredModel gguf = StoredModel.open(Resource.file("gguf/llama.gguf"))) {
            Weights from = original.weights();
            Weights read = gguf.weights();
            assertThat(read.names()).isEqualTo(from.names());
            for (String name : from.names()) {
                Tensor expected = from.tensor(name);
                float[] actual = read.tensor(name).toFloats();
                switch (read.storedType(name)) {
                    case "F32" -> assertThat(actual).as(name).isEqualTo(expected.toFloats());
                    case "F16" ->
                        assertThat(actual)
                                .as(name)
                                .isEqualTo(expected.to(DType.F16).toFloats());
                    default ->
                        assertRounded(
                                name,
                                actual,
                                expected.toFloats(),
                                read.storedType(name).equals("Q8_0") ? 254 : 14);
                }
            }
            assertThat(read.names().stream().map(read::storedType)).contains("F32", "F16", "Q8_0", "Q4_0");
        }
    }

    /** In each block of 32, no value is off by more than the span of its codes, one step of which may be lost. */
    private static void assertRounded(String name, float[] actual, float[] expected, int steps) {
        for (int block = 0; block < expected.length; block += 32) {
            float largest = 0;
            for (int i = block; i < block + 32; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
            }
            for (int i = block; i < block + 32; i++) {
                assertThat(Math.abs(actual[i] - expected[i]))
                        .as("%s, value %d: %s and %s", name, i, actual[i], expected[i])
                        .isLessThanOrEqualTo(2.2f * largest / steps);
            }
        }
    }

    @Test
    void aLlamaFileHasTheShapeAndTheFrequenciesOfItsModel() {
        DecoderConfig original = DecoderConfig.read(Golden.OWN.file("models/llama"));
        try (StoredModel gguf = StoredModel.open(Resource.file("gguf/llama.gguf"))) {
            assertThat(gguf.config())
                    .usingRecursiveComparison()
                    .ignoringFields("ropeTheta", "ropeScaling")
                    .isEqualTo(original);
            assertThat(gguf.config().ropeTheta()).isEqualTo(5e5);
            assertThat(gguf.config().ropeScaling()).isEqualTo(new RopeScaling("llama3", 8, 1, 4, 8192));
            assertThat(gguf.json().path("eos_token_id").asInt()).isEqualTo(2);
        }
    }

    /** Each tensor of these files is a number of its own: the place of its name among the sorted, in 64ths. */
    @ParameterizedTest
    @CsvSource({"qwen2, 14, 4", "qwen3, 13, 8", "gemma, 11, 8"})
    void everyTensorOfAFamilyComesUnderItsName(String family, int tensors, int headDim) {
        try (Scope scope = Scope.open();
                StoredModel gguf = StoredModel.open(Resource.file("gguf/" + family + ".gguf"));
                Decoder decoder = Decoder.load(Resource.file("gguf/" + family + ".gguf"), DType.F32)) {
            assertThat(gguf.config().modelType()).isEqualTo(family);
            assertThat(gguf.config().headDim()).isEqualTo(headDim);
            assertThat(gguf.config().tieWordEmbeddings()).isTrue();
            List<String> sorted = List.copyOf(new TreeSet<>(gguf.weights().names()));
            assertThat(sorted).hasSize(tensors);
            decoder.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.value().toFloats()).as(name).containsOnly(sorted.indexOf(name) / 64f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q", "qwen3", "\0\0\0\0\0"})
    void anotherArchitectureIsRefused(String architecture) throws IOException {
        String name = architecture.length() == 5 ? architecture : (architecture + "-----").substring(0, 5);
        assertRefused("qwen2.gguf", "qwen2", name, name.equals("qwen3") ? "" : "architecture '" + name + "' is not");
    }

    @Test
    void whatAModelLacksOrHasTooMuchIsNamed() throws IOException {
        assertRefused(
                "qwen2.gguf", "qwen2.embedding_length", "qwen2.embedding_lengtH", "qwen2.embedding_length", "missing");
        assertRefused("qwen2.gguf", "blk.0.attn_q.bias", "blk.0.attn_x.bias", "'blk.0.attn_x.bias'", "not supported");
        assertRefused("qwen2.gguf", "blk.0.attn_q.bias", "blk.1.attn_q.bias", "'blk.1.attn_q.bias'", "has no place");
        assertRefused("qwen2.gguf", "token_embd.weight", "token_embe.weight", "'token_embe.weight'");
        assertRefused("llama.gguf", "output_norm.weight", "output_morn.weight", "'output_morn.weight'");
    }

    @Test
    void frequenciesThatAreNotThoseOfLlama3AreRefused() throws IOException {
        assertRefused("llama.gguf", "llama.rope.freq_base", "llama.rope.freq_BASE", "rope_freqs.weight", "safetensors");
    }

    /** Puts a text of the same length in place of one of the header's. */
    private void assertRefused(String file, String from, String to, String... reasons) throws IOException {
        byte[] bytes = Files.readAllBytes(Resource.file("gguf/" + file));
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(latin).contains(from);
        assertThat(to).hasSameSizeAs(from);
        Path changed = Files.write(
                temporary.resolve("changed.gguf"), latin.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Decoder.load(changed, DType.F32).close())
                .isInstanceOf(BadCheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }
}
