package io.github.llm2vec4j.core.encoder;

import java.util.Arrays;

/**
 * A prepared text with the characters that its tokens cover.
 *
 * @param starts for each token, the index in the text (UTF-16) of its first character; below 0 for what stands before
 *     the text
 * @param ends for each token, the index after its last character; equal to the start for a token of no character
 * @param textFrom index of the first token that covers a character of the text
 * @param textTo index after the last such token; equal to {@code textFrom} where there is none
 */
record LocatedText(PreparedText prepared, int[] starts, int[] ends, int textFrom, int textTo) {

    /** The states (tokens, dimensions) of the text's own tokens, out of those of all tokens. */
    TokenStates own(float[][] states) {
        return new TokenStates(
                Arrays.copyOfRange(prepared.ids(), textFrom, textTo),
                Arrays.copyOfRange(starts, textFrom, textTo),
                Arrays.copyOfRange(ends, textFrom, textTo),
                Arrays.copyOfRange(states, textFrom, textTo));
    }

    /**
     * The text with the tokens of a part of it to be pooled.
     *
     * @throws IllegalArgumentException if no token covers a character of the part
     */
    PreparedText part(TextSpan span) {
        int from = textFrom;
        while (from < textTo && ends[from] <= span.start()) {
            from++;
        }
        int to = from;
        while (to < textTo && starts[to] < span.end()) {
            to++;
        }
        if (to == from) {
            throw new IllegalArgumentException("the part from " + span.start() + " to " + span.end()
                    + " has no token: it must lie in the text, and not all at its end as white space");
        }
        return new PreparedText(prepared.ids(), from, to, false);
    }
}
