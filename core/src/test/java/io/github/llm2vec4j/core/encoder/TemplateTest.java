package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static final String MISTRAL = "mistralai/Mistral-7B-Instruct-v0.2";
    private static final Template CHAT = Template.NAMED.get(MISTRAL);

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @CsvSource(textBlock = """
                    {text}, {instruction} {text}, say this, a b, say this a b, 9
                    {text}, {instruction} {text}, '', a b, a b, 0
                    [INST] {text} [/INST], [INST] {instruction} {text} [/INST], '', a b, [INST] a b [/INST], 7
                    <u>{text}</u>, <s>{instruction}</s><u>{text}</u>, say, a b, <s>say</s><u>a b</u>, 13
                    <u>{text}</u>, <u>{text}</u> why: {instruction}., {text}, {instruction}, '<u>{instruction}</u> why: {text}.', 3
                    """)
    void aTemplateSaysWhereInstructionAndTextStand(
            String alone, String instructed, String instruction, String text, String expected, int textStart) {
        Template.Filled filled = new Template(alone, instructed).fill(Instruction.of(instruction), text);
        assertThat(filled.string()).isEqualTo(expected);
        assertThat(filled.textStart()).isEqualTo(textStart);
        assertThat(filled.string().substring(filled.textStart(), filled.textEnd()))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "no text, '{instruction} {text}'",
        "'{text} {text}', '{instruction} {text}'",
        "'{instruction} {text}', '{instruction} {text}'",
        "{text}, {text}",
        "{text}, '{instruction} {text} {instruction}'"
    })
    void aTemplateWithoutItsPlacesIsRefused(String alone, String instructed) {
        assertThatThrownBy(() -> new Template(alone, instructed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{text}");
    }

    /** All cases of the reference without a separator in the text; there the tokens must be the same. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "gemma", "qwen2"})
    void tokensAreThoseOfTheReferenceAndOnlyTheTextsArePooled(String family) {
        int compared = 0;
        String vocabulary = family.equals("mistral") ? "llama" : family;
        try (Tokenizer tokenizer = Tokenizer.load(Golden.SHARED.file("tokenizers/" + vocabulary + "-bpe"))) {
            for (JsonNode row : Golden.SHARED.json("encode/templates.json")) {
                String name = row.path("name_or_path").asText();
                String text = row.path("text").asText();
                if (!row.path("model_family").asText().equals(family) || text.contains("!@#$%^&*()")) {
                    continue;
                }
                Pooling pooling = Pooling.of(row.path("pooling_mode").asText());
                if (pooling == Pooling.EOS_TOKEN && name.startsWith("meta-llama/Meta-Llama-3-8B")) {
                    continue; // closed with another end token than this tokenizer's
                }
                Template template = Template.NAMED.getOrDefault(name, Template.NONE);
                PreparedText prepared = new TextPreparation(
                                tokenizer, EncoderConfig.DEFAULT.withPooling(pooling), template)
                        .prepare(Instruction.of(row.path("instruction").asText()), text);
                int[] ids = ints(row.path("input_ids"));
                if (ids.length > 0) {
                    assertThat(prepared.ids()).as("tokens of %s", row).isEqualTo(ids);
                }
                if (!text.isBlank()) {
                    String pooled = tokenizer.decode(
                            Arrays.copyOfRange(prepared.ids(), prepared.poolFrom(), prepared.poolTo()), false);
                    assertThat(pooled.strip()).as("pooled of %s", row).isEqualTo(text.strip());
                }
                compared++;
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(50);
    }

    @Test
    void everyTemplateOfTheReferenceIsThereAndNoOther() {
        for (JsonNode row : Golden.SHARED.json("encode/templates.json")) {
            String name = row.path("name_or_path").asText();
            String prepared = row.path("prepared").asText();
            if (row.path("pooling_mode").asText().equals("mean")) {
                boolean has = !prepared.equals(row.path("convert_to_str").asText());
                assertThat(Template.NAMED.containsKey(name)).as(name).isEqualTo(has);
            }
        }
    }

    @Test
    void aModelStatesItsOwnTemplate() throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("model"));
        assertThat(ModelChain.resolve(folder.toString(), List.of()).template()).isEqualTo(Template.NONE);
        state(folder, "{\"template\": {\"alone\": \"Q: {text}\", \"instructed\": \"{instruction}. Q: {text}\"}}");
        try (Llm2Vec model = Llm2Vec.builder(folder.toString()).dtype("float32").build()) {
            assertThat(model.template()).isEqualTo(new Template("Q: {text}", "{instruction}. Q: {text}"));
            PreparedText prepared =
                    model.prepare(Instruction.of("Say"), List.of("שלום")).get(0);
            assertThat(model.tokenizer().decode(prepared.ids(), true)).isEqualTo("Say. Q: שלום");
        }
        try (Llm2Vec model = Llm2Vec.builder(folder.toString())
                .dtype("float32")
                .template(CHAT)
                .build()) {
            assertThat(model.template()).isEqualTo(CHAT);
        }
    }

    @Test
    void aCopyOfANamedModelHasItsTemplate() throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("renamed-copy"));
        name(folder.resolve("config.json"), "_name_or_path", MISTRAL);
        assertThat(ModelChain.resolve(folder.toString(), List.of()).template()).isEqualTo(CHAT);
        Path adapter = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("adapter"));
        assertThat(ModelChain.resolve(folder.toString(), List.of(adapter)).template())
                .isEqualTo(CHAT);
        state(adapter, "{\"template\": {\"alone\": \"{text}\", \"instructed\": \"{instruction} {text}\"}}");
        assertThat(ModelChain.resolve(folder.toString(), List.of(adapter)).template())
                .as("what is stated counts more than a name")
                .isEqualTo(Template.NONE);
    }

    @Test
    void anAdapterKeepsTheTemplateItWasTrainedWith() throws IOException {
        String base = Golden.OWN.file("models/mistral").toString();
        Path adapter = Golden.OWN.copy("adapters/mistral-mntp", temporary.resolve("trained"));
        ModelChain.write(adapter, base, List.of(), CHAT, false);
        ModelChain chain = ModelChain.resolve(adapter.toString(), List.of());
        assertThat(chain.template()).isEqualTo(CHAT);
        assertThat(chain.base()).isEqualTo(Path.of(base).toAbsolutePath().normalize());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"template\": \"[INST] {text}\"}",
                "{\"template\": null}",
                "{\"template\": {\"alone\": \"{text}\"}}",
                "{\"template\": {\"alone\": \"{text}\", \"instructed\": \"{instruction} {text}\", \"more\": 1}}",
                "{\"template\": {\"alone\": \"{text}\", \"instructed\": \"{instruction}\"}}",
                "{\"template\": "
            })
    void aTemplateThatIsNotValidIsRefusedByFile(String json) throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("model"));
        state(folder, json);
        assertThatThrownBy(() -> Llm2Vec.load(folder.toString()))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("llm2vec4j.json");
    }

    private static void state(Path folder, String json) throws IOException {
        Files.writeString(folder.resolve("llm2vec4j.json"), json);
    }

    private static void name(Path file, String key, String value) throws IOException {
        ObjectNode json = (ObjectNode) new JsonMapper().readTree(file.toFile());
        json.put(key, value);
        new JsonMapper().writeValue(file.toFile(), json);
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
