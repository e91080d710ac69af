package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderConfigTest {
    private static final String V4 = "transformers-4.57.6";
    private static final String V5 = "transformers-5.23.0";

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "llama", "llama-linear", "llama-llama3", "qwen2", "qwen3", "gemma", "gemma2"})
    void theSpellingsOfTransformers4And5MeanTheSame(String name) {
        DecoderConfig config = DecoderConfig.of(json(V4, name));
        assertThat(config).isEqualTo(DecoderConfig.of(json(V5, name)));
        assertThat(List.of(config.vocabSize(), config.hiddenSize(), config.intermediateSize(), config.layers()))
                .containsExactly(600, 32, 48, 4);
        assertThat(List.of(config.heads(), config.kvHeads())).containsExactly(4, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {V4, V5})
    void whatDiffersBetweenFamiliesIsRead(String version) {
        DecoderConfig mistral = DecoderConfig.of(json(version, "mistral"));
        assertThat(mistral.headDim()).isEqualTo(8);
        assertThat(mistral.ropeTheta()).isEqualTo(10_000);
        assertThat(mistral.ropeScaling()).isEqualTo(RopeScaling.NONE);
        assertThat(mistral.slidingWindows()).containsExactly(8, 8, 8, 8);
        assertThat(mistral.tieWordEmbeddings()).isFalse();
        assertThat(mistral.activation()).isEqualTo("silu");

        DecoderConfig llama = DecoderConfig.of(json(version, "llama-llama3"));
        assertThat(llama.ropeTheta()).isEqualTo(500_000);
        assertThat(llama.ropeScaling()).isEqualTo(new RopeScaling("llama3", 8, 1, 4, 64));
        assertThat(llama.slidingWindows()).containsExactly(0, 0, 0, 0);
        assertThat(DecoderConfig.of(json(version, "llama-linear")).ropeScaling().factor())
                .isEqualTo(4);

        DecoderConfig qwen2 = DecoderConfig.of(json(version, "qwen2"));
        assertThat(qwen2.ropeTheta()).isEqualTo(1_000_000);
        assertThat(qwen2.slidingWindows()).containsExactly(0, 0, 0, 8);

        DecoderConfig qwen3 = DecoderConfig.of(json(version, "qwen3"));
        assertThat(qwen3.headDim()).isEqualTo(16);
        assertThat(qwen3.slidingWindows()).containsExactly(0, 0, 0, 0);

        DecoderConfig gemma = DecoderConfig.of(json(version, "gemma"));
        assertThat(gemma.headDim()).isEqualTo(16);
        assertThat(gemma.tieWordEmbeddings()).isTrue();
        assertThat(gemma.activation()).isEqualTo("gelu_pytorch_tanh");
        assertThat(gemma.attentionScale()).isEqualTo(0.25);
        assertThat(List.of(gemma.attentionSoftCap(), gemma.logitSoftCap())).containsExactly(0.0, 0.0);

        DecoderConfig gemma2 = DecoderConfig.of(json(version, "gemma2"));
        assertThat(gemma2.slidingWindows()).containsExactly(8, 0, 8, 0);
        assertThat(gemma2.attentionScale()).isEqualTo(1 / Math.sqrt(24));
        assertThat(List.of(gemma2.attentionSoftCap(), gemma2.logitSoftCap())).containsExactly(50.0, 30.0);
        assertThat(gemma2.tieWordEmbeddings()).isTrue();
        assertThat(gemma2.activation()).isEqualTo("gelu_pytorch_tanh");
    }

    @ParameterizedTest
    @CsvSource({"mistral, MistralForCausalLM", "llama, LlamaForCausalLM", "qwen2, Qwen2ForCausalLM"})
    void theClassInPythonFollowsFromTheFamily(String name, String architecture) {
        assertThat(DecoderConfig.of(json(V4, name)).architecture()).isEqualTo(architecture);
    }

    @Test
    void windowsWithoutAListOfLayerTypesFollowTheFamily() {
        ObjectNode json = json(V4, "qwen2");
        json.remove("layer_types");
        assertThat(DecoderConfig.of(json).slidingWindows()).containsExactly(0, 0, 0, 8);
        json.put("use_sliding_window", false);
        assertThat(DecoderConfig.of(json).slidingWindows()).containsExactly(0, 0, 0, 0);
        json.remove("use_sliding_window");
        assertThat(DecoderConfig.of(json).slidingWindows()).containsExactly(0, 0, 0, 0);

        ObjectNode gemma2 = json(V4, "gemma2");
        gemma2.remove("layer_types");
        assertThat(DecoderConfig.of(gemma2).slidingWindows()).containsExactly(8, 0, 8, 0);
    }

    @Test
    void aSoftCapIsOffOnlyWhereTheFileSaysSo() {
        ObjectNode json = json(V4, "gemma2");
        json.putNull("attn_logit_softcapping");
        assertThat(DecoderConfig.of(json).attentionSoftCap()).isZero();
        json.remove("final_logit_softcapping");
        assertThatThrownBy(() -> DecoderConfig.of(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("final_logit_softcapping: expected a number or null, found nothing");
    }

    @Test
    void theFirstGemmasGeluIsTheTanhApproximation() {
        ObjectNode json = json(V4, "gemma");
        json.put("hidden_act", "gelu");
        assertThat(DecoderConfig.of(json).activation()).isEqualTo("gelu_pytorch_tanh");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "llama  | quantization_config  | {\"bits\": 4} | quantization_config | quantised",
                "llama  | attention_bias       | true | attention_bias: true | expected false",
                "llama  | mlp_bias             | true | mlp_bias: true | expected false",
                "qwen2  | attention_bias       | true | attention_bias: true | expected false",
                "qwen2  | use_mrope            | true | use_mrope: true | expected false",
                "llama  | partial_rotary_factor | 0.5 | partial_rotary_factor: 0.5 | expected 1",
                "llama  | sliding_window       | 64 | sliding_window = 64 | model_type 'llama'",
                "gemma  | layer_types | [\"full_attention\"] | layer_types = [\"full_attention\"] | model_type 'gemma'",
                "qwen2  | layer_types | [\"full_attention\"] | layer_types | expected one for each of 4",
                "qwen2  | layer_types | [\"full_attention\",\"full_attention\",\"full_attention\",\"chunked\"] "
                        + "| layer_types: 'chunked' | expected full_attention or sliding_attention",
                "mistral | sliding_window      | 0 | sliding_window: expected an integer from 1 | found 0",
                "mistral | num_local_experts   | 8 | num_local_experts = 8 | not supported for model_type 'mistral'",
                "llama  | attn_logit_softcapping | 50.0 | attn_logit_softcapping = 50.0 | model_type 'llama'",
                "gemma2 | query_pre_attn_scalar | null | query_pre_attn_scalar: expected a number | found nothing",
                "gemma2 | attn_logit_softcapping | -1 | attn_logit_softcapping: expected a number above 0 | found -1",
                "llama  | hidden_act           | \"relu2\" | hidden_act 'relu2' | expected silu",
                "llama  | hidden_act           | 7 | hidden_act: expected a string | found 7",
                "llama  | model_type           | \"mamba\" | model_type 'mamba' | expected one of mistral, llama",
                "llama  | model_type           | null | model_type '' | expected one of mistral, llama",
                "llama  | hidden_size          | 33 | hidden_size 33 | num_attention_heads 4",
                "llama  | hidden_size          | \"32\" | hidden_size: expected an integer | found \"32\"",
                "llama  | num_hidden_layers    | 1000000000 | num_hidden_layers: expected an integer | 1000000000",
                "llama  | num_hidden_layers    | null | num_hidden_layers: expected an integer | found nothing",
                "llama  | num_key_value_heads  | 3 | num_attention_heads 4 | num_key_value_heads 3",
                "llama  | num_key_value_heads  | 8 | num_attention_heads 4 | num_key_value_heads 8",
                "llama  | vocab_size           | 1000000000000 | vocab_size: expected an integer | 1000000000000",
                "llama  | vocab_size           | null | vocab_size: expected an integer | found nothing",
                "llama  | head_dim             | 7 | head_dim 7 | pairs",
                "llama  | rms_norm_eps         | -1 | rms_norm_eps: expected a number above 0 | found -1",
                "llama  | rope_theta           | \"1e4\" | rope_theta: expected a number | found \"1e4\"",
                "llama  | tie_word_embeddings  | 1 | tie_word_embeddings: expected true or false | found 1",
                "llama  | rope_scaling         | 8.0 | rope_scaling: expected an object | found 8.0",
                "llama  | rope_scaling | {\"rope_type\": \"yarn\", \"factor\": 4} | rope_scaling.rope_type: 'yarn' "
                        + "| expected default, linear or llama3",
                "llama  | rope_scaling | {\"type\": \"dynamic\", \"factor\": 4} | 'dynamic' | expected default",
                "llama  | rope_scaling | {\"type\": \"linear\"} | rope_scaling.factor: expected a number | nothing",
                "llama  | rope_scaling | {\"type\": \"linear\", \"factor\": 0} | rope_scaling.factor | found 0",
                "llama  | rope_scaling | {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, "
                        + "\"high_freq_factor\": 4} | rope_scaling.original_max_position_embeddings | found nothing",
                "llama  | rope_scaling | {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, "
                        + "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 64} "
                        + "| rope_scaling.low_freq_factor | high_freq_factor",
                "llama  | rope_parameters | {\"rope_type\": \"default\", \"mrope_section\": [1]} "
                        + "| rope_parameters.mrope_section | not supported for rope type 'default'",
                "llama  | rope_parameters | {\"rope_type\": \"default\", \"partial_rotary_factor\": 0.25} "
                        + "| rope_parameters.partial_rotary_factor: 0.25 | expected 1",
                "llama  | rope_parameters | {\"full_attention\": {\"rope_theta\": 1e6}} "
                        + "| rope_parameters.full_attention | not supported",
                "llama  | rope_parameters | {\"rope_theta\": 1e6} | rope_parameters | rope_theta and rope_scaling say"
            },
            delimiter = '|')
    void whatIsNotSupportedIsRefusedByName(String family, String key, String value, String named, String reason)
            throws IOException {
        ObjectNode json = json(V4, family);
        if (key.equals("hidden_size")) {
            json.remove("head_dim");
        }
        assertThatCode(() -> DecoderConfig.of(json)).doesNotThrowAnyException();
        json.set(key, new JsonMapper().readTree(value));
        Files.writeString(temporary.resolve("config.json"), json.toString());
        assertThatThrownBy(() -> DecoderConfig.read(temporary))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining(named)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "llama | attention_dropout | 0.1",
                "llama | _name_or_path | \"some/model\"",
                "llama | torch_dtype | \"bfloat16\"",
                "llama | dtype | \"bfloat16\"",
                "llama | partial_rotary_factor | 1.0",
                "llama | quantization_config | null",
                "llama | num_local_experts | null",
                "llama | rope_parameters | {\"rope_type\": \"default\", \"rope_theta\": 500000.0}",
                "qwen2 | use_mrope | false"
            },
            delimiter = '|')
    void whatChangesNothingIsAccepted(String family, String key, String value) throws IOException {
        ObjectNode json = json(V4, family);
        DecoderConfig before = DecoderConfig.of(json);
        json.set(key, new JsonMapper().readTree(value));
        assertThat(DecoderConfig.of(json)).isEqualTo(before);
    }

    @Test
    void aKeyOfTheRootIsNotHarmlessElsewhere() {
        ObjectNode json = json(V5, "llama");
        ((ObjectNode) json.get("rope_parameters")).put("max_position_embeddings", 4096);
        assertThatThrownBy(() -> DecoderConfig.of(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rope_parameters.max_position_embeddings = 4096");
    }

    @Test
    void aFileThatIsNoObjectIsRefused() throws IOException {
        Files.writeString(temporary.resolve("config.json"), "[1]");
        assertThatThrownBy(() -> DecoderConfig.read(temporary))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("expected an object, found ARRAY");
    }

    private static ObjectNode json(String version, String name) {
        JsonNode json = Golden.OWN.json("configs/" + version + "/" + name + ".json");
        return (ObjectNode) json;
    }
}
