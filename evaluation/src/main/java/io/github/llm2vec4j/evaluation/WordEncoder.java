package io.github.llm2vec4j.evaluation;

import java.util.List;

/** An encoder that gives one vector to each word of a sentence, as the word tasks see it. */
public interface WordEncoder {
    /** The name shown in tables. */
    String name();

    /**
     * Encodes words in the context of their sentence.
     *
     * @param sentences sentences already cut into words
     * @return float[sentences][words][dim]; every vector of the same length, finite
     */
    float[][][] encodeWords(List<List<String>> sentences);
}
