package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.encoder.WordStates.Position;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens are a word's, and which states are read for it. */
class WordTokensTest {

    @Test
    void theWordsCoverAllTokensButTheFirst() {
        WordTokens tokens = tokens(List.of("river", "-", "😀", "שלום", "."));

        assertThat(tokens.words()).isEqualTo(5);
        assertThat(tokens.firsts()[0]).as("after <s>").isEqualTo(1);
        for (int w = 1; w < 5; w++) {
            assertThat(tokens.firsts()[w]).as("no gap before word " + w).isEqualTo(tokens.ends()[w - 1]);
        }
        assertThat(tokens.ends()[4]).isEqualTo(tokens.ids().length);
        assertThat(tokens.ends()[2] - tokens.firsts()[2])
                .as("the space and four bytes of the emoji")
                .isEqualTo(5);
    }

    @Test
    void aCutKeepsTheWordsThatHaveATokenLeft() {
        WordTokens whole = new WordTokens(new int[] {1, 11, 12, 13, 14, 15}, new int[] {1, 3, 5}, new int[] {3, 5, 6});

        WordTokens cut = whole.cut(4);
        assertThat(cut.ids()).containsExactly(1, 11, 12, 13);
        assertThat(cut.firsts()).containsExactly(1, 3);
        assertThat(cut.ends()).containsExactly(3, 4);
        assertThat(whole.cut(6)).isSameAs(whole);
    }

    @ParameterizedTest
    @CsvSource({
        "SAME_TOKEN, true, 0 1, 2 3 4",
        "SAME_TOKEN, false, 0, 2",
        "PREVIOUS_TOKEN, true, 0 0, 1 2 3",
        "PREVIOUS_TOKEN, false, 0, 1"
    })
    void aReadingChoosesTheStates(Position position, boolean merged, String first, String second) {
        WordTokens tokens = new WordTokens(new int[] {11, 12, 13, 14, 15}, new int[] {0, 2}, new int[] {2, 5});
        WordReading reading = new WordReading(position, merged);

        assertThat(reading.tokens(tokens, 0)).containsExactly(numbers(first));
        assertThat(reading.tokens(tokens, 1)).containsExactly(numbers(second));
    }

    @Test
    void aBlankWordIsRefused() {
        assertThatThrownBy(() -> tokens(List.of("river", " ", "stone")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("word 2 of 'river   stone' has no token: words must not be blank");
    }

    private static int[] numbers(String text) {
        return List.of(text.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
    }

    private static WordTokens tokens(List<String> words) {
        try (Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("models/mistral"))) {
            return WordTokens.of(tokenizer, words);
        }
    }
}
