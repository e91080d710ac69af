package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerGoldenTest {

    static Stream<Arguments> tokenizers() {
        return Stream.of(
                arguments(Golden.OWN, "llama-bpe"),
                arguments(Golden.OWN, "hebrew-spm"),
                arguments(Golden.SHARED, "llama-bpe"),
                arguments(Golden.SHARED, "qwen2-bpe"),
                arguments(Golden.SHARED, "gemma-bpe"));
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void idsAreThoseOfTheReference(Golden golden, String name) {
        forEachCase(golden, name, (tokenizer, expected) -> {
            String text = expected.path("text").asText();
            assertThat(tokenizer.encode(text, true).ids()).isEqualTo(ints(expected.path("ids")));
            assertThat(tokenizer.encode(text, false).ids()).isEqualTo(ints(expected.path("ids_no_special")));
        });
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void offsetsAreThoseOfTheReferenceInUtf16(Golden golden, String name) {
        forEachCase(golden, name, (tokenizer, expected) -> {
            String text = expected.path("text").asText();
            Tokens tokens = tokenizer.encode(text, true);
            JsonNode offsets = expected.path("offsets");
            for (int i = 0; i < tokens.length(); i++) {
                int[] codePoints = ints(offsets.path(i));
                int start = text.offsetByCodePoints(0, codePoints[0]);
                int end = text.offsetByCodePoints(0, codePoints[1]);
                assertThat(new int[] {tokens.starts()[i], tokens.ends()[i]})
                        .as("token %d", i)
                        .isEqualTo(new int[] {start, end});
            }
        });
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void idsDecodeToTheTextOfTheReference(Golden golden, String name) {
        forEachCase(
                golden,
                name,
                (tokenizer, expected) -> assertThat(tokenizer.decode(ints(expected.path("ids")), true))
                        .isEqualTo(expected.path("decoded_skip_special").asText()));
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void specialTokensAndVocabularyAreFoundByRole(Golden golden, String name) {
        JsonNode cases = golden.json("tokenizers/" + name + "-cases.json");
        try (Tokenizer tokenizer = Tokenizer.load(golden.file("tokenizers/" + name))) {
            JsonNode bos = cases.path("bos_id");
            assertThat(tokenizer.bosId()).isEqualTo(bos.isNull() ? null : Integer.valueOf(bos.intValue()));
            assertThat(tokenizer.eosId()).isEqualTo(cases.path("eos_id").intValue());
            assertThat(tokenizer.padId()).isEqualTo(tokenizer.eosId());
            assertThat(tokenizer.vocabSize()).isEqualTo(cases.path("len").intValue());
        }
    }

    /**
     * The reference takes a saved mask token "_" out of every text it meets. Training never saw texts so split, so here
     * it stays an ordinary piece, and a model's texts have the same ids before and after its MNTP stage.
     */
    @ParameterizedTest
    @ValueSource(strings = {"models/mistral", "adapters/mistral-mntp-with-config"})
    void anUnderscoreIsOrdinaryTextWhateverTheMaskTokenIs(String folder) {
        JsonNode expected = Golden.SHARED.json("tokenizers/underscore_mask_token_effect.json");
        try (Tokenizer tokenizer = Tokenizer.load(Golden.SHARED.file(folder))) {
            expected.path("models/mistral").path("cases").properties().forEach(e -> {
                int[] ids = StreamSupport.stream(e.getValue().spliterator(), false)
                        .mapToInt(token -> tokenizer.idOf(token.asText()))
                        .toArray();
                assertThat(tokenizer.encode(e.getKey(), true).ids())
                        .as("ids of '%s'", e.getKey())
                        .isEqualTo(ids);
            });
        }
    }

    private static void forEachCase(Golden golden, String name, BiConsumer<Tokenizer, JsonNode> check) {
        JsonNode cases = golden.json("tokenizers/" + name + "-cases.json").path("cases");
        assertThat(cases).hasSizeGreaterThan(30);
        SoftAssertions all = new SoftAssertions();
        try (Tokenizer tokenizer = Tokenizer.load(golden.file("tokenizers/" + name))) {
            for (JsonNode one : cases) {
                all.assertThatCode(() -> check.accept(tokenizer, one))
                        .as("'%s'", one.path("text").asText())
                        .doesNotThrowAnyException();
            }
        }
        all.assertAll();
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
