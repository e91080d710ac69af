package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.tokenizer.Tokens;
import java.util.Arrays;

/**
 * From an instruction and a text to tokens, and to which of them are the text's. Both stand where the model's template
 * says, by default the instruction before the text with a space between; which tokens are the text's follows from the
 * characters each token covers.
 *
 * <p>A text over {@code docMaxLength} tokens, or one that makes the whole longer than {@code maxLength}, loses tokens at
 * its end; what stands before and after it stays, as far as it fits. Of a text of very many characters only as many are
 * tokenised as that number of tokens can hold.
 */
public final class TextPreparation {
    /** More than a token has in any text but long runs of one character; it bounds what a long text costs. */
    private static final int CHARACTERS_PER_TOKEN = 250;

    private final Tokenizer tokenizer;
    private final EncoderConfig config;
    private final Template template;
    private final boolean closed;

    /** Prepares texts for a model without a template. */
    public TextPreparation(Tokenizer tokenizer, EncoderConfig config) {
        this(tokenizer, config, Template.NONE);
    }

    /**
     * @throws IllegalArgumentException if the tokenizer lacks the token that is to be pooled
     */
    public TextPreparation(Tokenizer tokenizer, EncoderConfig config, Template template) {
        if (config.pooling() == Pooling.BOS_TOKEN && tokenizer.bosId() == null) {
            throw new IllegalArgumentException(
                    "pooling bos_token: this model has no token that begins a text: use mean,"
                            + " weighted_mean, eos_token or last_token");
        }
        this.tokenizer = tokenizer;
        this.config = config;
        this.template = template;
        this.closed = config.pooling() == Pooling.EOS_TOKEN;
    }

    /** Tokenises, cuts the text at {@code docMaxLength} tokens and the whole at {@code maxLength}. */
    public PreparedText prepare(Instruction instruction, String text) {
        return locate(instruction, text).prepared();
    }

    LocatedText locate(Instruction instruction, String whole) {
        String text = start(whole);
        boolean followed = closed || !template.equals(Template.NONE);
        Template.Filled filled = template.fill(instruction, followed ? text.stripTrailing() : text);
        Tokens tokens = tokenizer.encode(closed ? beforeEnd(filled.string()) : filled.string(), true);
        int from = firstOfText(tokens, filled);
        int to = endOfText(tokens, filled, from);
        boolean ends = closed && !endsWithItsOwn(tokens, filled);

        int after = from == to ? 0 : Math.min(tokens.length() - to, config.maxLength() - (ends ? 1 : 0));
        int room = config.maxLength() - after - (ends ? 1 : 0);
        int before = Math.min(from == to ? tokens.length() : from, room);
        int kept = atCharacter(tokens, from, to, Math.min(config.docMaxLength(), room - before));
        Tokens cut = join(tokens, before, from, kept, tokens.length() - after, filled.textStart());
        int[] ids = ends ? append(cut.ids(), tokenizer.eosId()) : cut.ids();
        boolean truncated = cut.length() < tokens.length() || text.length() < whole.length();
        if (ids.length == 0) { // a row needs a token
            return new LocatedText(
                    new PreparedText(new int[] {tokenizer.padId()}, 0, 1, truncated), new int[1], new int[1], 0, 0);
        }
        boolean textOnly = config.skipInstruction() && kept > 0; // where it has no token, pool all there is
        PreparedText prepared = textOnly
                ? new PreparedText(ids, before, before + kept, truncated)
                : new PreparedText(ids, 0, ids.length, truncated);
        int[] starts = ends ? append(cut.starts(), text.length()) : cut.starts();
        int[] stops = ends ? append(cut.ends(), text.length()) : cut.ends();
        return new LocatedText(prepared, starts, stops, before, before + kept);
    }

    private String start(String text) {
        long most = Math.min(config.maxLength(), config.docMaxLength()) * (long) CHARACTERS_PER_TOKEN;
        if (text.length() <= most) {
            return text;
        }
        int end = (int) most;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    /** What stands before an end token: as it is, but for one more space before a {@code </s>}. */
    private String beforeEnd(String string) {
        Integer sentencePieceEnd = tokenizer.idOf("</s>");
        boolean spaced = sentencePieceEnd != null && sentencePieceEnd == tokenizer.eosId();
        return string + (spaced ? " " : "");
    }

    /** Whether what follows the text is, or closes with, the end token, as in some chat templates. */
    private boolean endsWithItsOwn(Tokens tokens, Template.Filled filled) {
        int last = tokens.length() - 1;
        return last >= 0 && tokens.ids()[last] == tokenizer.eosId() && tokens.starts()[last] >= filled.textEnd();
    }

    /** The first token that covers a character of the text, or the number of tokens where none does. */
    private static int firstOfText(Tokens tokens, Template.Filled filled) {
        int token = 0;
        while (token < tokens.length() && !covers(tokens, token, filled)) {
            token++;
        }
        return token;
    }

    private static int endOfText(Tokens tokens, Template.Filled filled, int from) {
        int token = tokens.length();
        while (token > from && !covers(tokens, token - 1, filled)) {
            token--;
        }
        return token;
    }

    private static boolean covers(Tokens tokens, int token, Template.Filled filled) {
        return Math.min(tokens.ends()[token], filled.textEnd()) > Math.max(tokens.starts()[token], filled.textStart());
    }

    /** How many of a text's tokens stay: at most {@code most}, or less where that would split a character. */
    private static int atCharacter(Tokens tokens, int from, int to, int most) {
        if (to - from <= most) {
            return to - from;
        }
        int kept = Math.max(0, most);
        while (kept > 0 && tokens.starts()[from + kept] < tokens.ends()[from + kept - 1]) {
            kept--;
        }
        return kept;
    }

    /** The first tokens, {@code kept} of the text's and those after it; offsets count from the text's start. */
    private static Tokens join(Tokens tokens, int before, int from, int kept, int after, int textStart) {
        int[] index = new int[before + kept + tokens.length() - after];
        for (int i = 0; i < index.length; i++) {
            index[i] = i < before ? i : i < before + kept ? from + i - before : after + i - before - kept;
        }
        return new Tokens(
                Arrays.stream(index).map(i -> tokens.ids()[i]).toArray(),
                Arrays.stream(index).map(i -> tokens.starts()[i] - textStart).toArray(),
                Arrays.stream(index).map(i -> tokens.ends()[i] - textStart).toArray());
    }

    private static int[] append(int[] values, int last) {
        int[] longer = Arrays.copyOf(values, values.length + 1);
        longer[values.length] = last;
        return longer;
    }
}
