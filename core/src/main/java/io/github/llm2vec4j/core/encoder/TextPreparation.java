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
    private final boolean closed;

    /**
     * @throws IllegalArgumentException if the tokenizer lacks the token that is to be pooled
     */
    public TextPreparation(Tokenizer tokenizer, EncoderConfig config) {
        if (config.pooling() == Pooling.BOS_TOKEN && tokenizer.bosId() == null) {
            throw new IllegalArgumentException(
                    "pooling bos_token: this model has no token that begins a text: use mean,"
                            + " weighted_mean, eos_token or last_token");
        }
        this.tokenizer = tokenizer;
        this.config = config;
        this.closed = config.pooling() == Pooling.EOS_TOKEN;
    }

    /** Tokenises, cuts the text at {@code docMaxLength} tokens and the whole at {@code maxLength}. */
    public PreparedText prepare(Instruction instruction, String text) {
        String cut = cutText(text);
        String prefix = instruction.text().isEmpty() ? "" : instruction.text() + " ";
        Tokens tokens = tokenizer.encode(prefix + (closed ? beforeEnd(cut) : cut), true);
        int room = config.maxLength() - (closed ? 1 : 0);
        int kept = Math.min(tokens.length(), room);
        int[] ids = Arrays.copyOf(tokens.ids(), kept + (closed ? 1 : 0));
        if (closed) {
            ids[kept] = tokenizer.eosId();
        }
        boolean truncated = cut.length() < text.length() || kept < tokens.length();
        if (ids.length == 0) {
            return new PreparedText(new int[] {tokenizer.padId()}, 0, 1, truncated); // a row needs a token
        }
        int from = config.skipInstruction() ? firstOfText(tokens, prefix.length(), kept) : 0;
        return from < kept
                ? new PreparedText(ids, from, kept, truncated)
                : new PreparedText(ids, 0, ids.length, truncated); // no token of the text: pool all there is
    }

    /** A text as it stands before an end token: without white space, but for one space before a {@code </s>}. */
    private String beforeEnd(String text) {
        Integer sentencePieceEnd = tokenizer.idOf("</s>");
        boolean spaced = sentencePieceEnd != null && sentencePieceEnd == tokenizer.eosId();
        return text.stripTrailing() + (spaced ? " " : "");
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

    /** The beginning of the text that is {@code docMaxLength} tokens long, or less where it would split a character. */
    private String cutText(String text) {
        Tokens tokens = tokenizer.encode(text, false);
        int kept = config.docMaxLength();
        if (tokens.length() <= kept) {
            return text;
        }
        while (kept > 0 && tokens.starts()[kept] < tokens.ends()[kept - 1]) {
            kept--;
        }
        return kept == 0 ? "" : text.substring(0, tokens.ends()[kept - 1]);
    }
}
