package io.github.llm2vec4j.core.tokenizer;

/**
 * A tokenised text.
 *
 * @param ids token ids
 * @param starts for each token, the index in the text (UTF-16) of its first character
 * @param ends for each token, the index after its last character; equal to the start for a token that stands for no
 *     character, such as the one that begins a sequence
 */
public record Tokens(int[] ids, int[] starts, int[] ends) {

    public Tokens {
        if (ids.length != starts.length || ids.length != ends.length) {
            throw new IllegalArgumentException("ids, starts and ends differ in length");
        }
    }

    public int length() {
        return ids.length;
    }
}
