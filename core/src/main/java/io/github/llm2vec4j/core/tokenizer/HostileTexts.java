package io.github.llm2vec4j.core.tokenizer;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Texts that are hard on a tokenizer. A regular expression that tries too many ways shows it on a text that repeats what
 * the expression repeats and then does not go on as it expects. What it repeats is guessed from the letters, escapes and
 * classes in it; a few characters of each kind come to that.
 */
final class HostileTexts {
    /** Exponentially many ways show at this length. */
    private static final int SHORT = 64;

    /** The square of this length is more steps than the library allows for one match. */
    private static final int LONG = 10_000;

    private static final List<String> COMMON = List.of(
            "a", "A", "1", " ", "\n", "\r\n", "\t", ".", "'", "_", "א", "\u05b0", "中", "é", "\u0301", "😀", " a", "aA",
            "a1", "a ", "a'", " \n", "'s", "▁");
    private static final String ENDS = "!b0\n אZ\u0000";
    private static final int MAX_LITERALS = 100;
    private static final int MAX_ADDED = 200;
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]{2,40}");

    private HostileTexts() {}

    /**
     * @param patterns the regular expressions that are to be tried
     * @param added the added tokens
     */
    static List<String> of(List<String> patterns, List<String> added) {
        Set<String> repeated = new LinkedHashSet<>(COMMON);
        for (String pattern : patterns) {
            Stream.concat(
                            WORD.matcher(pattern).results().map(MatchResult::group),
                            pattern.codePoints().mapToObj(Character::toString))
                    .distinct()
                    .limit(MAX_LITERALS)
                    .forEach(repeated::add);
        }
        List<String> texts = new ArrayList<>();
        texts.add("");
        for (String part : repeated) {
            StringBuilder all = new StringBuilder();
            ENDS.chars().forEach(end -> all.append(repeat(part, SHORT)).append((char) end));
            texts.add(all.toString());
        }
        repeated.forEach(part -> texts.add(repeat(part, LONG) + "!"));
        texts.add(everyCharacter());
        added.stream()
                .limit(MAX_ADDED)
                .forEach(token -> texts.add(" " + token + "  " + token + token + " \n " + token));
        texts.add(String.join(" ", added.subList(0, Math.min(added.size(), MAX_ADDED))));
        return texts;
    }

    private static String repeat(String part, int length) {
        return part.repeat(Math.max(2, length / part.length()));
    }

    private static String everyCharacter() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c < 0x20000; c++) {
            if (Character.isDefined(c) && Character.getType(c) != Character.SURROGATE) {
                all.appendCodePoint(c);
            }
        }
        return all.toString();
    }
}
