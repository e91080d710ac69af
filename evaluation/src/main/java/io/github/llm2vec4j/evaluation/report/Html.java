package io.github.llm2vec4j.evaluation.report;

import com.fasterxml.jackson.databind.JsonNode;

/** The only way of a text into the page. */
final class Html {
    private Html() {}

    /** For element content and quoted attributes. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (char c : visible(text).toCharArray()) {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /** A text that keeps its own direction, whatever stands around it. */
    static String bdi(String text) {
        return "<bdi" + attributes(text) + ">" + escape(text) + "</bdi>";
    }

    /** The dir and lang attributes that a text asks for. */
    private static String attributes(String text) {
        String lang = language(text);
        return " dir=\"" + direction(text) + "\"" + (lang.isEmpty() ? "" : " lang=\"" + lang + "\"");
    }

    /** The direction in which most letters run; a Hebrew sentence that begins with an English name is still rtl. */
    static String direction(String text) {
        long rtl = text.codePoints().filter(Html::isRightToLeft).count();
        long ltr = text.codePoints()
                .filter(c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT)
                .count();
        return rtl > 0 && rtl >= ltr ? "rtl" : "ltr";
    }

    /** {@code he} for a text mostly in Hebrew letters, else empty: other scripts do not tell their language. */
    static String language(String text) {
        long hebrew = text.codePoints()
                .filter(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HEBREW)
                .count();
        long letters = text.codePoints().filter(Character::isLetter).count();
        return hebrew > 0 && 2 * hebrew >= letters ? "he" : "";
    }

    private static boolean isRightToLeft(int codePoint) {
        byte direction = Character.getDirectionality(codePoint);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }

    /**
     * Writes out the characters that would change how the text around them is shown: bidirectional embeddings, overrides
     * and isolates, and control characters other than white space. Direction marks are harmless and stay.
     */
    static String visible(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (char c : text.toCharArray()) {
            boolean bidi = (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069');
            boolean control = Character.isISOControl(c) && c != '\n' && c != '\t' && c != '\r';
            if (bidi || control) {
                out.append(String.format("[U+%04X]", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** JSON that may stand in a script element. */
    static String json(JsonNode node) {
        return node.toString()
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }
}
