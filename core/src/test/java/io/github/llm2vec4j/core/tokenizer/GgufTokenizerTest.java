package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgufTokenizerTest {
    @TempDir
    private Path temporary;

    /** The file holds tokens and scores of the golden tokenizer, not its merges. */
    @Test
    void sentencePieceMergesFollowFromTheScores() {
        JsonNode cases = Golden.OWN.json("tokenizers/llama-bpe-cases.json").path("cases");
        try (Tokenizer rebuilt = Tokenizer.load(Resource.file("gguf/llama.gguf"));
                Tokenizer original = Tokenizer.load(Golden.OWN.file("tokenizers/llama-bpe"))) {
            assertThat(rebuilt.vocabSize()).isEqualTo(original.vocabSize());
            assertThat(rebuilt.bosId()).isEqualTo(original.bosId());
            assertThat(rebuilt.eosId()).isEqualTo(original.eosId());
            assertThat(cases).hasSizeGreaterThan(30);
            for (JsonNode one : cases) {
                String text = one.path("text").asText();
                Tokens expected = original.encode(text, true);
                Tokens actual = rebuilt.encode(text, true);
                assertThat(actual.ids()).as(text).isEqualTo(expected.ids());
                assertThat(actual.ends()).as(text).isEqualTo(expected.ends());
                assertThat(rebuilt.decode(actual.ids(), true)).isEqualTo(original.decode(expected.ids(), true));
            }
        }
    }

    /** The merges would make one token of 1234; how a text is first split decides how far they come. */
    @ParameterizedTest
    @CsvSource({
        "gpt-2, '1234', '1234'",
        "smollm, '1234', '1|2|3|4'",
        "qwen2, '1234', '1|2|3|4'",
        "llama-bpe, '1234', '123|4'",
        "gpt-2, 'ab ac', 'ab| a|c'",
        "qwen2, 'ab ac', 'ab| a|c'",
        "llama-bpe, 'ab  a', 'ab| | a'",
        "smollm, 'ab12', 'ab|1|2'",
        "gpt-2, 'a<|tool|>b', 'a|<|tool|>|b'"
    })
    void byteLevelTokensFollowTheSplitOfTheFile(String pre, String text, String expected) {
        try (Tokenizer tokenizer = Tokenizer.load(Resource.file("gguf/tokenizer-" + pre + ".gguf"))) {
            Tokens tokens = tokenizer.encode(text, false);
            List<String> pieces = Arrays.stream(tokens.ids())
                    .mapToObj(id -> tokenizer.decode(new int[] {id}, false))
                    .toList();
            assertThat(String.join("|", pieces)).isEqualTo(expected);
            assertThat(tokenizer.idOf("<|tool|>")).isEqualTo(262);
            assertThat(tokenizer.eosId()).isZero();
        }
    }

    @Test
    void aFirstTokenIsAddedWhereTheFileOrItsKindAsksForIt() {
        try (Tokenizer llama = Tokenizer.load(Resource.file("gguf/tokenizer-llama-bpe.gguf"));
                Tokenizer qwen = Tokenizer.load(Resource.file("gguf/tokenizer-qwen2.gguf"))) {
            assertThat(llama.encode("z", true).ids()).hasSize(2).startsWith(0);
            assertThat(qwen.encode("z", true).ids()).hasSize(1);
        }
    }

    @Test
    void aTokenizerBesideTheFileComesFirst() throws IOException {
        Path file = Files.copy(Resource.file("gguf/tokenizer-qwen2.gguf"), temporary.resolve("model.gguf"));
        Golden.OWN.copy("tokenizers/llama-bpe", temporary.resolve("other"));
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(temporary.resolve("other").resolve(name), temporary.resolve(name));
        }
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            assertThat(tokenizer.vocabSize()).isEqualTo(600);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tokenizer-qwen2.gguf, qwen2, qwen9, tokenizer.ggml.pre 'qwen9'",
        "tokenizer-qwen2.gguf, gpt2, wpm2, tokenizer.ggml.model 'wpm2'",
        "tokenizer-qwen2.gguf, 12 3, 1293, is not a pair",
        "tokenizer-qwen2.gguf, 12 3, 1 23, is not of tokens",
        "tokenizer-qwen2.gguf, tokenizer.ggml.merges, tokenizer.ggml.mergeX, no merges",
        "tokenizer-qwen2.gguf, tokenizer.ggml.tokens, tokenizer.ggml.tokenX, holds 0 tokens",
        "llama.gguf, tokenizer.ggml.scores, tokenizer.ggml.scoreX, no scores"
    })
    void whatCannotBeRebuiltIsRefusedWithTheRemedy(String file, String from, String to, String reason)
            throws IOException {
        String latin = Files.readString(Resource.file("gguf/" + file), StandardCharsets.ISO_8859_1);
        assertThat(latin).contains(from);
        Path changed = Files.writeString(
                temporary.resolve("changed.gguf"), latin.replace(from, to), StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Tokenizer.load(changed).close())
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("tokenizer.json and tokenizer_config.json beside the GGUF file");
    }
}
