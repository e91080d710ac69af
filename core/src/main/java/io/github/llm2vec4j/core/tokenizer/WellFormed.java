package io.github.llm2vec4j.core.tokenizer;

/** Strings whose surrogates come in pairs, as those that UTF-8 can hold. */
final class WellFormed {
    private WellFormed() {}

    static boolean is(String text) {
        return text.codePoints().noneMatch(WellFormed::isSurrogate);
    }

    /** The text with each lone surrogate replaced by U+FFFD; it has the same length. */
    static String of(String text) {
        if (is(text)) {
            return text;
        }
        StringBuilder built = new StringBuilder(text.length());
        text.codePoints().forEach(c -> built.appendCodePoint(isSurrogate(c) ? 0xFFFD : c));
        return built.toString();
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
