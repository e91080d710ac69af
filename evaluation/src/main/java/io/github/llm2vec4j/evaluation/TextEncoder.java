package io.github.llm2vec4j.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An encoder of whole texts, as the sentence tasks see it. */
public interface TextEncoder {
    /** The name shown in tables. */
    String name();

    /**
     * Embeds texts.
     *
     * @param instruction the task's instruction, or null for none (documents never have one)
     * @return float[texts][dim], in the order of the texts; every row of the same length, finite
     */
    float[][] encode(@Nullable String instruction, List<String> texts);
}
