package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.golden.Golden;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hebrew through a tokenizer like that of DictaLM 2.0: SentencePiece BPE with byte fallback. */
class HebrewTokenizerTest {
    private static final JsonNode CASES = Golden.OWN.json("tokenizers/hebrew-spm-cases.json");

    private final Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("tokenizers/hebrew-spm"));

    @AfterEach
    void close() {
        tokenizer.close();
    }

    /** Vowel points, final letters, geresh and gershayim, marks of direction, emoji. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם",
                "שׁ שׂ אַ וֹ",
                "\uFB2A \uFB2B \uFB2E \uFB4B",
                "כף, כפיים; םןץףך",
                "צה״ל, ג׳ירפה, ארה\"ב וצ'יפס, תל־אביב",
                "\u200Eמחיר\u200F: \u202B100\u202C \u2067₪\u2069",
                "שלום 👋🏽 👨‍👩‍👧‍👦 🇮🇱",
                "א_ב _ ג",
                "𐤀𐤁 中文",
            })
    void aTextComesBackUnchangedAndEveryCharacterIsCovered(String text) {
        Tokens tokens = tokenizer.encode(text, false);
        assertThat(tokenizer.decode(tokens.ids(), true)).isEqualTo(text);
        boolean[] covered = new boolean[text.length()];
        for (int i = 0; i < tokens.length(); i++) {
            for (int at = tokens.starts()[i]; at < tokens.ends()[i]; at++) {
                covered[at] = true;
            }
            if (i > 0) {
                assertThat(tokens.starts()[i]).isGreaterThanOrEqualTo(tokens.starts()[i - 1]);
            }
        }
        assertThat(covered).doesNotContain(false);
    }

    /** The mask token is the piece without a space before it, as the reference takes it; neither piece is split. */
    @Test
    void anUnderscoreIsOneTokenWithAndWithoutASpaceBeforeIt() {
        JsonNode mask = CASES.path("mask");
        Integer id = tokenizer.idOf("_");
        assertThat(id).isEqualTo(mask.path("reference_id").intValue());
        assertThat(tokenizer.idOf("▁_"))
                .isEqualTo(mask.path("id_with_space_piece").intValue())
                .isNotEqualTo(id);
        assertThat(tokenizer.encode("_", false).ids()).containsExactly(tokenizer.idOf("▁_"));
        assertThat(tokenizer.encode("א_ב", false).ids()).containsExactly(tokenizer.idOf("▁א"), id, tokenizer.idOf("ב"));
        assertThat(tokenizer.encode("א _ ב", false).ids())
                .containsExactly(tokenizer.idOf("▁א"), tokenizer.idOf("▁_"), tokenizer.idOf("▁ב"));
    }
}
