package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptsTest {
    private static final String TWO = """
            {"prompts": {"query": "Represent this question:\\n", "document": ""}, "default_prompt_name": %s}
            """;
    private static final List<String> TEXTS = List.of("מה השלום?", "a second text");

    @TempDir
    private Path temporary;

    @Test
    void aPromptStandsBeforeTheTextAsItIs() throws IOException {
        try (Llm2Vec model = load(TWO.formatted("null"))) {
            PreparedText prepared =
                    model.prepare(model.prompt("query"), List.of("text")).get(0);
            assertThat(prepared.ids())
                    .isEqualTo(model.tokenizer()
                            .encode("Represent this question:\ntext", true)
                            .ids());
            assertThat(prepared.poolFrom()).as("its tokens are not pooled").isGreaterThan(5);
            assertThat(model.prompt("document").isEmpty()).isTrue();
            assertThat(model.encode(TEXTS)).isEqualTo(model.encode(model.prompt("document"), TEXTS));
        }
    }

    @Test
    void aPromptStandsWithinTheTemplate() {
        Template.Filled filled = Template.around("[INST] ", " [/INST]").fill(Instruction.prompt("query: "), "text");
        assertThat(filled.string()).isEqualTo("[INST] query: text [/INST]");
        assertThat(filled.textStart()).isEqualTo(14);
        assertThat(filled.textEnd()).isEqualTo(18);
    }

    @Test
    void theDefaultPromptIsThatOfTextsWithoutAnother() throws IOException {
        try (Llm2Vec model = load(TWO.formatted("\"query\""))) {
            float[][] byDefault = model.encode(TEXTS);
            assertThat(byDefault).isEqualTo(model.encode(model.prompt("query"), TEXTS));
            assertThat(Difference.cosine(byDefault[0], model.encode(Instruction.NONE, TEXTS)[0]))
                    .isLessThan(0.9999);
        }
    }

    @Test
    void theDefaultCanBeChosenAtLoading() throws IOException {
        Path folder = folder(TWO.formatted("null"));
        try (Llm2Vec model = Llm2Vec.builder(folder.toString())
                .dtype("float32")
                .prompt("query")
                .build()) {
            assertThat(model.encode(TEXTS)).isEqualTo(model.encode(model.prompt("query"), TEXTS));
        }
        Llm2Vec.Builder other = Llm2Vec.builder(folder.toString()).prompt("passage");
        assertThatThrownBy(other::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("passage")
                .hasMessageContaining("query, document");
    }

    @Test
    void anAdapterUsesThePromptsOfItsBaseUnlessItHasItsOwn() throws IOException {
        Path base = folder(TWO.formatted("null"));
        Path adapter = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("adapter"));
        assertThat(ModelChain.resolve(base.toString(), List.of(adapter))
                        .prompts()
                        .byName())
                .containsKeys("query", "document");
        state(adapter, "{\"prompts\": {\"own\": \"x\"}}");
        assertThat(ModelChain.resolve(base.toString(), List.of(adapter))
                        .prompts()
                        .byName())
                .containsOnlyKeys("own");
    }

    @Test
    void aModelWithoutPromptsSaysSo() throws IOException {
        try (Llm2Vec model = Llm2Vec.load(Golden.OWN.file("models/mistral").toString())) {
            assertThatThrownBy(() -> model.prompt("query"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no prompts");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompts\": {\"query\": 1}}",
                "{\"prompts\": {\"query\": \"q\"}, \"default_prompt_name\": \"other\"}",
                "{\"prompts\""
            })
    void promptsThatAreNotValidAreRefusedByFile(String json) throws IOException {
        Path folder = folder(json);
        assertThatThrownBy(() -> Llm2Vec.load(folder.toString()))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("config_sentence_transformers.json");
    }

    private Llm2Vec load(String json) throws IOException {
        return Llm2Vec.builder(folder(json).toString()).dtype("float32").build();
    }

    private Path folder(String json) throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("model"));
        state(folder, json);
        return folder;
    }

    private static void state(Path folder, String json) throws IOException {
        Files.writeString(folder.resolve("config_sentence_transformers.json"), json);
    }
}
