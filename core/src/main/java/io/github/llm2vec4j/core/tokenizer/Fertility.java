package io.github.llm2vec4j.core.tokenizer;

import java.util.HashSet;
import java.util.Set;

/**
 * Into how many tokens a tokenizer cuts texts. Words are parted by white space; fertility is tokens per word. Special
 * tokens do not count.
 */
public final class Fertility {
    private static final int BYTES = 256;

    private final Tokenizer tokenizer;
    private final Set<Integer> byteTokens = new HashSet<>();
    private long texts;
    private long words;
    private long characters;
    private long tokens;
    private long ofBytes;

    public Fertility(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        for (int i = 0; i < BYTES; i++) {
            Integer id = tokenizer.idOf(String.format("<0x%02X>", i));
            if (id != null) {
                byteTokens.add(id);
            }
        }
    }

    /** Counts a text. */
    public void add(String text) {
        texts++;
        words += text.isBlank() ? 0 : text.strip().split("[\\s\\p{Z}]+").length;
        characters += text.codePointCount(0, text.length());
        for (int id : tokenizer.encode(text, false).ids()) {
            tokens++;
            ofBytes += byteTokens.contains(id) ? 1 : 0;
        }
    }

    public long texts() {
        return texts;
    }

    public long words() {
        return words;
    }

    /** Code points. */
    public long characters() {
        return characters;
    }

    public long tokens() {
        return tokens;
    }

    /** Fertility. */
    public double tokensPerWord() {
        return (double) tokens / Math.max(1, words);
    }

    public double charactersPerToken() {
        return (double) characters / Math.max(1, tokens);
    }

    /** Whether the tokenizer has a token for each byte, for what its pieces do not have. */
    public boolean hasByteFallback() {
        return byteTokens.size() == BYTES;
    }

    /** Share of the tokens that stand for a byte, 0 to 1. */
    public double byteShare() {
        return (double) ofBytes / Math.max(1, tokens);
    }
}
