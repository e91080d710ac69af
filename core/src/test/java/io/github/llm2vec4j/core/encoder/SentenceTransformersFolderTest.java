package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SentenceTransformersFolderTest {
    private static final List<String> TEXTS = List.of("hello world", "one two three four five");
    private static final String OLD = "sentence_transformers.models.";
    private static final String NEW = "sentence_transformers.sentence_transformer.modules.";

    /** What sentence-transformers 3.4.1 and 5.4.1 give for the texts: the first four values of each vector. */
    private static final float[][] PYTHON = {
        {-0.012933f, 0.34551594f, -0.10527565f, -0.01891555f}, {-0.16642602f, 0.24496306f, -0.19498666f, -0.10589413f}
    };

    @TempDir
    private Path temporary;

    private Path folder;

    @BeforeEach
    void makeTheFolder() throws IOException {
        folder = Golden.OWN.copy("models/mistral", temporary.resolve("model"));
        write("sentence_bert_config.json", "{\"max_seq_length\": 64, \"do_lower_case\": false}");
    }

    @Test
    void aFolderOfTheOldFormEncodesAsThePackage() throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling", OLD + "Normalize");
        oldPooling("mean_tokens", true);
        assertEncodesAsPython();
    }

    @Test
    void aFolderOfTheNewFormEncodesAsThePackage() throws IOException {
        modules(
                "sentence_transformers.base.modules.transformer.Transformer",
                NEW + "pooling.Pooling",
                NEW + "normalize.Normalize");
        pooling("{\"embedding_dimension\": 32, \"pooling_mode\": \"mean\", \"include_prompt\": true}");
        assertEncodesAsPython();
    }

    private void assertEncodesAsPython() {
        try (Llm2Vec model = load()) {
            float[][] vectors = model.encode(TEXTS);
            for (int i = 0; i < vectors.length; i++) {
                Difference.assertWithin(1e-6, java.util.Arrays.copyOf(vectors[i], 4), PYTHON[i], "text " + i);
                double sum = 0;
                for (float value : vectors[i]) {
                    sum += value * value;
                }
                assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
            }
            assertThat(model.config()).isEqualTo(new EncoderConfig(Pooling.MEAN, 64, 64, false));
        }
    }

    @Test
    void aPromptThatIsNotPooledLeavesTheFirstTokenOfTextsWithoutOne() throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling");
        oldPooling("mean_tokens", true);
        float[] whole;
        try (Llm2Vec model = load()) {
            whole = model.encode(Instruction.NONE, "hello world");
        }
        oldPooling("mean_tokens", false);
        try (Llm2Vec model = load()) {
            assertThat(model.encode(Instruction.NONE, "hello world")).isEqualTo(whole);
            PreparedText prompted = model.prepare(Instruction.prompt("query: "), List.of("hello"))
                    .get(0);
            assertThat(prompted.poolFrom()).isGreaterThan(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cls_token, BOS_TOKEN",
        "mean_tokens, MEAN",
        "max_tokens, MAX",
        "weightedmean_tokens, WEIGHTED_MEAN",
        "lasttoken, LAST_TOKEN"
    })
    void poolingsHaveTheirNames(String flag, Pooling pooling) throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling");
        oldPooling(flag, true);
        assertThat(chain().config().pooling()).isEqualTo(pooling);
        pooling("{\"pooling_mode\": [\"" + flag.replace("_tokens", "").replace("_token", "") + "\"]}");
        assertThat(chain().config().pooling()).isEqualTo(pooling);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"is_causal\": false", "\"use_bidirectional_attention\": true"})
    void attentionIsThatOfTheConfig(String statement) throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling");
        oldPooling("mean_tokens", true);
        assertThat(chain().causal()).isTrue();
        String config = Files.readString(folder.resolve("config.json"));
        write("config.json", config.replaceFirst("\\{", "{" + statement + ","));
        assertThat(chain().causal()).isFalse();
        load().close();
    }

    @Test
    void aModelInAFolderOfItsOwnIsFound() throws IOException {
        Path outer = Files.createDirectory(temporary.resolve("outer"));
        Files.move(folder, outer.resolve("0_Transformer"));
        folder = outer;
        write(
                "modules.json",
                "[{\"path\": \"0_Transformer\", \"type\": \"" + OLD + "Transformer\"}, {\"path\": \"1_Pooling\","
                        + " \"type\": \"" + OLD + "Pooling\"}]");
        oldPooling("mean_tokens", true);
        write("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"query: \"}}");
        try (Llm2Vec model = load()) {
            assertThat(model.encode(Instruction.NONE, "a")).hasSize(32);
            assertThat(model.prompt("query").text()).isEqualTo("query: ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Transformer Dense Pooling, sentence_transformers.models.Dense",
        "Transformer Pooling LayerNorm, sentence_transformers.models.LayerNorm",
        "Pooling Transformer, 'Pooling, Transformer are not supported in this order'",
        "Transformer, the modules Transformer are not supported",
        "Transformer Pooling Normalize Normalize, not supported in this order"
    })
    void modulesThatWouldChangeTheVectorsAreRefusedByName(String kinds, String reason) throws IOException {
        modules(java.util.Arrays.stream(kinds.split(" ")).map(OLD::concat).toArray(String[]::new));
        oldPooling("mean_tokens", true);
        assertRefused("modules.json", reason);
    }

    @Test
    void codeThatAFolderBringsIsNotRun() throws IOException {
        modules("custom_st.Transformer", OLD + "Pooling");
        assertRefused("'custom_st.Transformer' is not supported");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model", "/etc", "a/b", "..", "."})
    void aModuleOutsideOfTheFolderIsRefused(String path) throws IOException {
        write(
                "modules.json",
                "[{\"path\": \"" + path + "\", \"type\": \"" + OLD + "Transformer\"}, {\"path\": \"1_Pooling\","
                        + " \"type\": \"" + OLD + "Pooling\"}]");
        assertRefused("path '" + path + "' is not the name of a folder");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | asks for 0 ways of pooling",
                "{\"pooling_mode\": [\"cls\", \"mean\"]} | asks for 2 ways of pooling at once [cls, mean]",
                "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true} | [cls, mean]",
                "{\"pooling_mode\": \"eos_token\"} | 'eos_token' is not one of the package's",
                "{\"pooling_mode\": \"middle\"} | 'middle' is not supported",
                "{\"pooling_mode_mean_sqrt_len_tokens\": true} | 'mean_sqrt_len_tokens' is not supported",
                "{\"pooling_mode\": \"mean\", \"embedding_dimension\": 48} | vectors of 48 dimensions",
                "{\"pooling_mode\": | not valid JSON"
            })
    void aPoolingThatIsNotOneIsRefused(String config, String reason) throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling");
        pooling(config);
        assertRefused("1_Pooling", reason);
    }

    @Test
    void aPoolingThatIsMissingIsNotGuessed() throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling");
        assertRefused("1_Pooling", "is missing");
    }

    @Test
    void whatIsWrittenForThePackageIsInTheOldForm() throws IOException {
        Path exported = temporary.resolve("exported");
        EncoderConfig settings = new EncoderConfig(Pooling.WEIGHTED_MEAN, 100, 50, true);
        settings.write(folder);
        write("config_sentence_transformers.json", "{\"prompts\": {\"q\": \"q: \"}, \"default_prompt_name\": \"q\"}");
        ModelExport.write(chain(), exported, ModelExport.Format.SENTENCE_TRANSFORMERS, null);

        JsonNode modules = json(exported, "modules.json");
        assertThat(modules.findValuesAsText("type"))
                .containsExactly("llm2vec_transformer.BidirectionalTransformer", OLD + "Pooling");
        JsonNode pooling = json(exported, "1_Pooling/config.json");
        assertThat(pooling.path("word_embedding_dimension").asInt()).isEqualTo(32);
        assertThat(pooling.path("pooling_mode_weightedmean_tokens").asBoolean()).isTrue();
        assertThat(pooling.path("pooling_mode_mean_tokens").asBoolean(true)).isFalse();
        assertThat(pooling.path("include_prompt").asBoolean(true)).isFalse();
        assertThat(exported.resolve("llm2vec_transformer.py")).content().contains("POOL_FIRST_TOKEN = False");
        // 50 of the text and the first one
        assertThat(json(exported, "sentence_bert_config.json")
                        .path("max_seq_length")
                        .asInt())
                .isEqualTo(51);
        JsonNode tokenizer = json(exported, "tokenizer_config.json");
        assertThat(tokenizer.path("pad_token").asText()).isEqualTo("</s>");
        assertThat(tokenizer.path("padding_side").asText()).isEqualTo("right");
        JsonNode prompts = json(exported, "config_sentence_transformers.json");
        assertThat(prompts.path("prompts").path("q").asText()).isEqualTo("q: ");
        assertThat(prompts.path("default_prompt_name").asText()).isEqualTo("q");

        ModelChain read = ModelChain.resolve(exported.toString(), List.of());
        assertThat(read.config()).isEqualTo(settings);
        assertThat(read.causal()).isFalse();
        settings.withPooling(Pooling.MEAN).write(exported);
        folder = exported;
        assertRefused("says pooling weighted_mean, llm2vec_config.json mean");
    }

    @Test
    void aCausalFolderStaysOne() throws IOException {
        modules(OLD + "Transformer", OLD + "Pooling", OLD + "Normalize");
        oldPooling("mean_tokens", true);
        Path exported = temporary.resolve("exported");
        assertThatThrownBy(() -> ModelExport.write(chain(), exported, ModelExport.Format.MERGED, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attends to earlier tokens alone");
        ModelExport.write(chain(), exported, ModelExport.Format.SENTENCE_TRANSFORMERS, null);
        assertThat(json(exported, "config.json").path("is_causal").asBoolean()).isTrue();
        assertThat(exported.resolve("llm2vec_transformer.py")).doesNotExist();
        float[][] expected;
        try (Llm2Vec model = load()) {
            expected = model.encode(TEXTS);
        }
        folder = exported;
        try (Llm2Vec model = load()) {
            assertThat(model.chain().config().skipInstruction()).isFalse();
            assertThat(model.encode(TEXTS)).isDeepEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatThePackageCannotSayIsNotWritten(boolean template) throws IOException {
        new EncoderConfig(template ? Pooling.MEAN : Pooling.EOS_TOKEN, 100, 50, true).write(folder);
        if (template) {
            write(
                    "llm2vec4j.json",
                    "{\"template\": {\"alone\": \"<{text}>\", \"instructed\": \"{instruction}{text}\"}}");
        }
        Path exported = temporary.resolve("exported");
        assertThatThrownBy(() -> ModelExport.write(chain(), exported, ModelExport.Format.SENTENCE_TRANSFORMERS, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(template ? "template" : "pooling eos_token");
        assertThat(exported).doesNotExist();
    }

    private void modules(String... types) throws IOException {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < types.length; i++) {
            String kind = types[i].substring(types[i].lastIndexOf('.') + 1);
            list.append(i == 0 ? "" : ",")
                    .append("{\"idx\": " + i + ", \"name\": \"" + i + "\", \"path\": \""
                            + (i == 0 ? "" : i + "_" + kind) + "\", \"type\": \"" + types[i] + "\"}");
        }
        write("modules.json", list.append("]").toString());
    }

    private void oldPooling(String flag, boolean includePrompt) throws IOException {
        pooling("{\"word_embedding_dimension\": 32, \"pooling_mode_" + flag + "\": true, \"include_prompt\": "
                + includePrompt + "}");
    }

    private void pooling(String config) throws IOException {
        Files.createDirectories(folder.resolve("1_Pooling"));
        write("1_Pooling/config.json", config);
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), content);
    }

    private static JsonNode json(Path folder, String file) throws IOException {
        return new JsonMapper().readTree(folder.resolve(file).toFile());
    }

    private ModelChain chain() {
        return ModelChain.resolve(folder.toString(), List.of());
    }

    private Llm2Vec load() {
        return Llm2Vec.builder(folder.toString()).dtype("float32").workers(1).build();
    }

    private void assertRefused(String... reasons) {
        assertThatThrownBy(this::chain)
                .isInstanceOf(BadCheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }
}
