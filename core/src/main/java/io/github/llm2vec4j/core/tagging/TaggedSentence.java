package io.github.llm2vec4j.core.tagging;

import java.util.List;

/**
 * A sentence with one tag a word.
 *
 * @param words at least one
 * @param tags as many as words
 */
public record TaggedSentence(List<String> words, List<String> tags) {
    public TaggedSentence {
        words = List.copyOf(words);
        tags = List.copyOf(tags);
        if (words.isEmpty() || words.size() != tags.size()) {
            throw new IllegalArgumentException("expected at least one word and one tag for each, found " + words.size()
                    + " words and " + tags.size() + " tags");
        }
    }
}
