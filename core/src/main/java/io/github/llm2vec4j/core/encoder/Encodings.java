package io.github.llm2vec4j.core.encoder;

/**
 * Vectors of texts, and what it took to make them.
 *
 * @param vectors (texts, dimensions), fp32, in the order of the texts
 * @param tokens for each text, how many tokens the model read: special tokens, instruction and template included
 * @param cut for each text, whether it was too long and lost tokens
 */
public record Encodings(float[][] vectors, int[] tokens, boolean[] cut) {

    /** The number of texts that lost tokens. */
    public int cutTexts() {
        int count = 0;
        for (boolean one : cut) {
            count += one ? 1 : 0;
        }
        return count;
    }

    /** Tokens of all texts. */
    public long tokenCount() {
        long sum = 0;
        for (int one : tokens) {
            sum += one;
        }
        return sum;
    }
}
