package io.github.llm2vec4j.core.hub;

import java.util.regex.Pattern;

/** The only way of a name or a value from elsewhere into a model card. */
final class MarkdownText {
    private static final int MOST = 300;

    /** Control characters, marks that change the direction of what follows, separators of lines, halves of pairs. */
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}]+");

    private static final Pattern MEANINGFUL = Pattern.compile("[\\\\`*_{}\\[\\]<>()#+!|~&$-]");

    private MarkdownText() {}

    /** On one line, with a space for what is not seen. */
    static String visible(String text) {
        String line = UNSEEN.matcher(text).replaceAll(" ").strip();
        return line.length() > MOST
                ? line.substring(0, line.offsetByCodePoints(0, line.codePointCount(0, MOST) - 1)) + "…"
                : line;
    }

    /** As text, in which nothing is markup. */
    static String plain(String text) {
        return MEANINGFUL.matcher(visible(text)).replaceAll("\\\\$0");
    }

    /** In the type of code; may stand in a cell of a table. */
    static String code(String text) {
        String line = visible(text).replace('`', '\'').replace("|", "\\|");
        return line.isEmpty() ? "" : "`" + line + "`";
    }

    /** As a part of a command or of a program that a reader copies: what could end a quotation or a word is gone. */
    static String copied(String text) {
        return visible(text).replaceAll("[^\\p{L}\\p{N}._/@:-]", "_");
    }
}
