package io.github.llm2vec4j.evaluation.probe;

import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.util.List;

/** Learns to tag words: a linear probe on an encoder, or a baseline. After {@link #fit} it sees words only, no tags. */
public interface WordTagger {
    /** The name shown in tables. */
    String name();

    /** Learns from tagged sentences, at least one. */
    Fitted fit(List<TaggedSentence> train);

    /** Ready to tag. */
    @FunctionalInterface
    interface Fitted {
        /** One tag for each word of each sentence. */
        List<List<String>> tag(List<List<String>> sentences);
    }
}
