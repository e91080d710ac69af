package io.github.llm2vec4j.core.tagging;

import java.util.ArrayList;
import java.util.List;

/**
 * An entity in a tag sequence: its type and its first and last word (inclusive, from 0).
 *
 * <p>Tags are {@code O}, {@code B-X}, {@code I-X}, {@code E-X} and {@code S-X}, so IOB2 and BIOES alike. Sequences that
 * break the scheme are read as conlleval and seqeval (default mode) do: {@code I-X} or {@code E-X} after {@code O} or
 * after another type begins an entity.
 */
public record Span(String type, int first, int last) {
    public Span {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("expected 0 <= first <= last, found " + first + ".." + last);
        }
    }

    /**
     * The entities of one sentence, in order.
     *
     * @throws IllegalArgumentException for a tag that is neither O nor one of B, I, E, S with an optional "-type"
     */
    public static List<Span> of(List<String> tags) {
        List<Span> spans = new ArrayList<>();
        char previous = 'O';
        String previousType = "_";
        int begin = 0;
        for (int i = 0; i <= tags.size(); i++) {
            String tag = i < tags.size() ? tags.get(i) : "O";
            char kind = kind(tag);
            String type = tag.length() > 2 ? tag.substring(2) : "_";
            if (ends(previous, kind, previousType, type)) {
                spans.add(new Span(previousType, begin, i - 1));
            }
            if (begins(previous, kind, previousType, type)) {
                begin = i;
            }
            previous = kind;
            previousType = type;
        }
        return spans;
    }

    private static char kind(String tag) {
        if (tag.isEmpty() || "OBIES".indexOf(tag.charAt(0)) < 0 || (tag.length() > 1 && tag.charAt(1) != '-')) {
            throw new IllegalArgumentException("expected a tag like O, B-PER, I-PER, E-PER or S-PER, found " + tag);
        }
        return tag.charAt(0);
    }

    private static boolean ends(char previous, char kind, String previousType, String type) {
        return switch (previous) {
            case 'O' -> false;
            case 'E', 'S' -> true;
            default -> kind == 'B' || kind == 'S' || kind == 'O' || !previousType.equals(type);
        };
    }

    private static boolean begins(char previous, char kind, String previousType, String type) {
        return switch (kind) {
            case 'O' -> false;
            case 'B', 'S' -> true;
            default -> previous == 'E' || previous == 'S' || previous == 'O' || !previousType.equals(type);
        };
    }
}
