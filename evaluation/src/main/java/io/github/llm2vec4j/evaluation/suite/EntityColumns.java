package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.core.tagging.Span;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads a word and its entity tag a line, parted by the line's last space or tab, a blank line between sentences.
 * Tags in IOB2 or BIOES are given back in IOB2, which names the same entities with fewer classes.
 */
final class EntityColumns {
    private EntityColumns() {}

    static List<TaggedSentence> read(SourceFile file) {
        List<TaggedSentence> sentences = new ArrayList<>();
        List<String> words = new ArrayList<>();
        List<String> tags = new ArrayList<>();
        for (int i = 0; i <= file.lines().size(); i++) {
            String line = i < file.lines().size() ? file.lines().get(i).strip() : "";
            if (line.isEmpty()) {
                if (!words.isEmpty()) {
                    sentences.add(new TaggedSentence(words, iob2(tags)));
                }
                words.clear();
                tags.clear();
                continue;
            }
            int cut = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
            String tag = line.substring(cut + 1);
            if (cut < 1 || !tag.matches("O|[BIES]-\\S+")) {
                throw file.malformed(i + 1, "a word, a space and a tag like O or B-PER", line);
            }
            words.add(line.substring(0, cut).strip());
            tags.add(tag);
        }
        return sentences;
    }

    private static List<String> iob2(List<String> tags) {
        List<String> result = new ArrayList<>(Collections.nCopies(tags.size(), "O"));
        for (Span span : Span.of(tags)) {
            for (int i = span.first(); i <= span.last(); i++) {
                result.set(i, (i == span.first() ? "B-" : "I-") + span.type());
            }
        }
        return result;
    }
}
