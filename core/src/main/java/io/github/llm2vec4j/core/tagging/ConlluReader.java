package io.github.llm2vec4j.core.tagging;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads CoNLL-U. A multiword token becomes one word with the form of its range line and the UPOS of its head part: the
 * part whose HEAD lies outside the range; where several do, or none says, the last of them. Its entity is that of the
 * range line, else of the head part. Empty nodes (ID {@code 8.1}) are skipped.
 */
public final class ConlluReader {
    private static final Pattern ID = Pattern.compile("(\\d{1,9})(?:([-.])(\\d{1,9}))?");
    private static final Pattern ENTITY = Pattern.compile("O|[BIES]-\\S+");
    private static final Set<String> UPOS = Set.of(
            "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
            "SCONJ", "SYM", "VERB", "X");

    private final MalformedLine malformed;
    private final List<ConlluSentence> sentences = new ArrayList<>();
    private final Map<String, String> comments = new HashMap<>();
    private final List<Token> tokens = new ArrayList<>();
    private final List<Range> ranges = new ArrayList<>();

    /** A syntactic word; head is -1 where the column is "_". */
    private record Token(
            String form, String upos, int head, @Nullable String entity) {}

    private record Range(
            int line,
            int first,
            int last,
            String form,
            @Nullable String entity) {}

    private ConlluReader(MalformedLine malformed) {
        this.malformed = malformed;
    }

    /**
     * The sentences of a file's lines.
     *
     * @param malformed the error for a line that is not CoNLL-U
     */
    public static List<ConlluSentence> read(List<String> lines, MalformedLine malformed) {
        ConlluReader reader = new ConlluReader(malformed);
        for (int i = 0; i < lines.size(); i++) {
            reader.accept(i + 1, lines.get(i));
        }
        reader.finish();
        return reader.sentences;
    }

    private void accept(int line, String text) {
        if (text.isBlank()) {
            finish();
        } else if (text.startsWith("#")) {
            String[] pair = text.substring(1).split("=", 2);
            if (pair.length == 2) {
                comments.put(pair[0].strip(), pair[1].strip());
            }
        } else {
            String[] columns = text.split("\t", -1);
            if (columns.length != 10) {
                throw malformed.at(line, "10 columns parted by tabs", columns.length + " in: " + text);
            }
            row(line, columns);
        }
    }

    private void row(int line, String[] columns) {
        Matcher id = ID.matcher(columns[0]);
        if (!id.matches()) {
            throw malformed.at(line, "an ID like 3, 3-4 or 3.1", columns[0]);
        }
        if (".".equals(id.group(2))) {
            return;
        }
        if (columns[1].isBlank()) {
            throw malformed.at(line, "a form in column 2", "nothing");
        }
        int first = Integer.parseInt(id.group(1));
        if (first != tokens.size() + 1) {
            throw malformed.at(line, "ID " + (tokens.size() + 1), columns[0]);
        }
        String entity = entity(line, columns[9]);
        if (id.group(3) != null) {
            int last = Integer.parseInt(id.group(3));
            if (last < first) {
                throw malformed.at(line, "a rising range", columns[0]);
            }
            if (!ranges.isEmpty() && ranges.get(ranges.size() - 1).last() >= first) {
                throw malformed.at(line, "ranges that do not overlap", columns[0]);
            }
            ranges.add(new Range(line, first, last, columns[1], entity));
        } else {
            if (!UPOS.contains(columns[3])) {
                throw malformed.at(line, "a Universal POS tag in column 4", columns[3]);
            }
            int head = columns[6].matches("\\d{1,9}") ? Integer.parseInt(columns[6]) : -1;
            tokens.add(new Token(columns[1], columns[3], head, entity));
        }
    }

    private @Nullable String entity(int line, String misc) {
        for (String item : misc.split("\\|")) {
            if (item.startsWith("Entity=")) {
                String tag = item.substring("Entity=".length());
                if (!ENTITY.matcher(tag).matches()) {
                    throw malformed.at(line, "Entity=O or a tag like Entity=B-PER in column 10", item);
                }
                return tag;
            }
        }
        return null;
    }

    private void finish() {
        if (!tokens.isEmpty() || !ranges.isEmpty()) {
            sentences.add(sentence());
        }
        comments.clear();
        tokens.clear();
        ranges.clear();
    }

    private ConlluSentence sentence() {
        List<String> words = new ArrayList<>();
        List<String> upos = new ArrayList<>();
        List<String> entities = new ArrayList<>();
        Iterator<Range> pending = ranges.iterator();
        Range next = pending.hasNext() ? pending.next() : null;
        for (int id = 1; id <= tokens.size() || next != null; ) {
            if (next != null && next.first() == id) {
                Token head = headOf(next);
                words.add(next.form());
                upos.add(head.upos());
                entities.add(next.entity() != null ? next.entity() : orOutside(head.entity()));
                id = next.last() + 1;
                next = pending.hasNext() ? pending.next() : null;
            } else {
                Token token = tokens.get(id - 1);
                words.add(token.form());
                upos.add(token.upos());
                entities.add(orOutside(token.entity()));
                id++;
            }
        }
        String text = comments.getOrDefault("text", String.join(" ", words));
        return new ConlluSentence(text, comments.getOrDefault("topic", ""), words, upos, entities);
    }

    private static String orOutside(@Nullable String entity) {
        return entity == null ? "O" : entity;
    }

    private Token headOf(Range range) {
        if (range.last() > tokens.size()) {
            throw malformed.at(
                    range.line(), "words " + range.first() + " to " + range.last(), "words to " + tokens.size());
        }
        Token head = null;
        for (int id = range.first(); id <= range.last(); id++) {
            Token token = tokens.get(id - 1);
            if (token.head() >= 0 && (token.head() < range.first() || token.head() > range.last())) {
                head = token;
            }
        }
        return head != null ? head : tokens.get(range.last() - 1);
    }
}
