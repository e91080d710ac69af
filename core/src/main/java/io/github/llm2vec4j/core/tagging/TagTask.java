package io.github.llm2vec4j.core.tagging;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the tags of words are, by the reference's names. */
public enum TagTask {
    /** Parts of speech: a class for each word. */
    POS_TAGS,
    /** Chunks: phrases that do not overlap, as {@code O}, {@code B-NP}, {@code I-NP}. */
    CHUNK_TAGS,
    /** Named entities, as {@code O}, {@code B-PER}, {@code I-PER}. */
    NER_TAGS;

    /**
     * The task of a name such as {@code ner_tags}.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static TagTask of(String name) {
        return Arrays.stream(values())
                .filter(task -> task.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + name + "' is not supported: expected "
                        + Arrays.stream(values()).map(TagTask::toString).collect(Collectors.joining(", "))));
    }

    /** Whether tags make up {@link Span spans} of words. */
    public boolean hasSpans() {
        return this != POS_TAGS;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
