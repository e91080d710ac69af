package io.github.llm2vec4j.training.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts long texts into pieces where a reader would: at blank lines, else after sentences, at line ends, at spaces. */
final class TextPieces {
    private static final List<Pattern> CUTS = List.of(
            Pattern.compile("\\n\\s*\\n"),
            Pattern.compile("[.!?…׃][\"'”’»)\\]]*\\s+"),
            Pattern.compile("\\n"),
            Pattern.compile("\\s+"));

    private TextPieces() {}

    /**
     * The pieces of a text, without white space around them: as long as can be, each of at most {@code most} characters.
     * What has no place to cut within so many is cut anyway.
     */
    static List<String> of(String text, int most) {
        List<String> pieces = new ArrayList<>();
        cut(text.strip(), most, 0, pieces);
        return pieces;
    }

    private static void cut(String text, int most, int level, List<String> pieces) {
        if (text.length() <= most) {
            if (!text.isBlank()) {
                pieces.add(text);
            }
            return;
        }
        if (level == CUTS.size()) {
            int end = Character.isHighSurrogate(text.charAt(most - 1)) && most > 1 ? most - 1 : most;
            pieces.add(text.substring(0, end));
            cut(text.substring(end), most, level, pieces);
            return;
        }
        StringBuilder joined = new StringBuilder();
        for (String part : parts(text, CUTS.get(level))) {
            if ((joined + part).strip().length() > most) {
                cut(joined.toString().strip(), most, level + 1, pieces);
                joined.setLength(0);
            }
            joined.append(part);
        }
        cut(joined.toString().strip(), most, level + 1, pieces);
    }

    /** The text cut after each match. */
    private static List<String> parts(String text, Pattern cut) {
        List<String> parts = new ArrayList<>();
        Matcher matcher = cut.matcher(text);
        int start = 0;
        while (matcher.find()) {
            parts.add(text.substring(start, matcher.end()));
            start = matcher.end();
        }
        parts.add(text.substring(start));
        return parts;
    }
}
