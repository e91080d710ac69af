package io.github.llm2vec4j.core.encoder;

/**
 * A text as the model takes it.
 *
 * @param ids token ids, special tokens included
 * @param poolFrom index of the first token that is pooled
 * @param poolTo index after the last token that is pooled; above {@code poolFrom}
 * @param truncated whether tokens were cut off
 */
public record PreparedText(int[] ids, int poolFrom, int poolTo, boolean truncated) {

    public PreparedText {
        if (poolFrom < 0 || poolFrom >= poolTo || poolTo > ids.length) {
            throw new IllegalArgumentException(
                    "tokens " + poolFrom + " to " + poolTo + " of " + ids.length + " cannot be pooled");
        }
    }
}
