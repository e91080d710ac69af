package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.tokenizer.Tokens;
import java.util.Arrays;

/**
 * From an instruction and a text to tokens, and to which of them are the text's. The instruction is set before the text
 * with a space between; which tokens are the text's follows from the characters each token covers.
 */
public final class TextPreparation {
    private final Tokenizer tokenizer;
    private final EncoderConfig config;

    public TextPreparation(Tokenizer tokenizer, EncoderConfig config) {
        this.tokenizer = tokenizer;
        this.config = config;
    }

    /** Tokenises, cuts the text at {@code docMaxLength} tokens and the whole at {@code maxLength}. */
    public PreparedText prepare(Instruction instruction, String text) {
        String cut = cutText(text);
        String prefix = instruction.text().isEmpty() ? "" : instruction.text() + " ";
        Tokens tokens = tokenizer.encode(prefix + cut, true);
        boolean closed = config.pooling() == Pooling.EOS_TOKEN;
        int room = config.maxLength() - (closed ? 1 : 0);
        int kept = Math.min(tokens.length(), room);
        int[] ids = Arrays.copyOf(tokens.ids(), kept + (closed ? 1 : 0));
        if (closed) {
            ids[kept] = tokenizer.eosId();
        }
        boolean truncated = cut.length() < text.length() || kept < tokens.length();
        int from = config.skipInstruction() ? firstOfText(tokens, prefix.length(), kept) : 0;
        return from < kept
                ? new PreparedText(ids, from, kept, truncated)
                : new PreparedText(ids, 0, ids.length, truncated); // no token of the text: pool all there is
    }

    /** The first token that covers a character of the text. */
    private static int firstOfText(Tokens tokens, int textStart, int kept) {
        for (int i = 0; i < kept; i++) {
            if (tokens.ends()[i] > Math.max(textStart, tokens.starts()[i])) {
                return i;
            }
        }
        return kept;
    }

    /** The beginning of the text that is {@code docMaxLength} tokens long. */
    private String cutText(String text) {
        Tokens tokens = tokenizer.encode(text, false);
        return tokens.length() <= config.docMaxLength()
                ? text
                : text.substring(0, tokens.ends()[config.docMaxLength() - 1]);
    }
}
