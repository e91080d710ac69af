package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextPiecesTest {
    @Test
    void aShortTextStaysAsItIs() {
        assertThat(TextPieces.of("  שלום עולם. בוקר טוב\n", 30)).containsExactly("שלום עולם. בוקר טוב");
        assertThat(TextPieces.of("  \n ", 30)).isEmpty();
    }

    @Test
    void blankLinesComeBeforeSentencesBeforeLinesBeforeSpaces() {
        assertThat(TextPieces.of("one two. three\n\nfour five. six", 16))
                .containsExactly("one two. three", "four five. six");
        assertThat(TextPieces.of("one two. three\nfour", 15)).containsExactly("one two.", "three\nfour");
        assertThat(TextPieces.of("one two\nthree four", 12)).containsExactly("one two", "three four");
        assertThat(TextPieces.of("one two three four", 9)).containsExactly("one two", "three", "four");
        assertThat(TextPieces.of("onetwothree", 4)).containsExactly("onet", "woth", "ree");
    }

    @Test
    void piecesAreJoinedAsLongAsTheyFit() {
        assertThat(TextPieces.of("a. b. c. d. e.", 8)).containsExactly("a. b. c.", "d. e.");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nothingIsLostAndNoPieceIsTooLong(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> parts = List.of("מילה", "word", ". ", "\n", "\n\n", " ", "? ", "very-long-word-of-its-own", "😴");
        String text = random.ints(400, 0, parts.size()).mapToObj(parts::get).collect(Collectors.joining());
        int most = random.nextInt(10, 60);
        List<String> pieces = TextPieces.of(text, most);
        assertThat(pieces).allMatch(piece -> !piece.isBlank() && piece.length() <= most && piece.equals(piece.strip()));
        assertThat(String.join("", pieces).replaceAll("\\s", ""))
                .as("seed %d", seed)
                .isEqualTo(text.replaceAll("\\s", ""));
    }
}
