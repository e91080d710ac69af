package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.tokenizer.Tokens;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of a sentence that comes in words.
 *
 * @param ids token ids, special tokens included
 * @param firsts for each word, the index of its first token
 * @param ends for each word, the index after its last token
 */
public record WordTokens(int[] ids, int[] firsts, int[] ends) {

    /**
     * Tokenises words joined by spaces; the tokens of a word are those that cover a character of it or the space before
     * it, which many tokenizers make a part of the word's first token, and some a token of its own.
     *
     * @throws IllegalArgumentException if a word is blank
     */
    public static WordTokens of(Tokenizer tokenizer, List<String> words) {
        Tokens tokens = tokenizer.encode(String.join(" ", words), true);
        int[] firsts = new int[words.size()];
        int[] ends = new int[words.size()];
        int end = 0;
        int token = 0;
        for (int w = 0; w < firsts.length; w++) {
            int before = end;
            end += (w > 0 ? 1 : 0) + words.get(w).length();
            while (token < tokens.length() && tokens.ends()[token] <= before) {
                token++;
            }
            firsts[w] = token;
            while (token < tokens.length() && tokens.starts()[token] < end) {
                token++;
            }
            ends[w] = token;
            if (token == firsts[w] || words.get(w).isBlank()) {
                throw new IllegalArgumentException("word " + (w + 1) + " of '" + String.join(" ", words)
                        + "' has no token: words must not be blank");
            }
        }
        return new WordTokens(tokens.ids(), firsts, ends);
    }

    /** The number of words. */
    public int words() {
        return firsts.length;
    }

    /** The first tokens, at most so many, and the words that have one among them. */
    public WordTokens cut(int tokens) {
        if (ids.length <= tokens) {
            return this;
        }
        int kept = 0;
        while (kept < firsts.length && firsts[kept] < tokens) {
            kept++;
        }
        int[] cutEnds =
                Arrays.stream(ends, 0, kept).map(end -> Math.min(end, tokens)).toArray();
        return new WordTokens(Arrays.copyOf(ids, tokens), Arrays.copyOf(firsts, kept), cutEnds);
    }
}
