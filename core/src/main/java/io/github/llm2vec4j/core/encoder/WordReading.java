package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.encoder.WordStates.Position;
import java.util.stream.IntStream;

/**
 * Which token states make the state of a word.
 *
 * @param position where a word's tokens are read
 * @param merged whether all tokens of a word count, as their mean, or its first alone
 */
public record WordReading(Position position, boolean merged) {

    /**
     * The reading of the reference's name: {@code same_token}, or {@code next_token} for the state one token earlier,
     * which predicts the next.
     *
     * @throws IllegalArgumentException naming both
     */
    public static WordReading of(String name, boolean merged) {
        return new WordReading(
                switch (name) {
                    case "same_token" -> Position.SAME_TOKEN;
                    case "next_token" -> Position.PREVIOUS_TOKEN;
                    default ->
                        throw new IllegalArgumentException(
                                "'" + name + "' is not supported: expected same_token or next_token");
                },
                merged);
    }

    /** The reference's name of the position. */
    public String name() {
        return position == Position.SAME_TOKEN ? "same_token" : "next_token";
    }

    /** The tokens whose states are read for a word; one earlier, the first token of a sentence stands for itself. */
    public int[] tokens(WordTokens sentence, int word) {
        int shift = position == Position.PREVIOUS_TOKEN ? 1 : 0;
        int first = sentence.firsts()[word];
        return IntStream.range(first, merged ? sentence.ends()[word] : first + 1)
                .map(token -> Math.max(0, token - shift))
                .toArray();
    }
}
