package io.github.llm2vec4j.training.objective;

import io.github.llm2vec4j.core.encoder.WordTokens;
import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.util.List;

/**
 * A sentence to learn from or to score.
 *
 * @param tokens those of its words
 * @param classes for each word the number of its label, or {@value #NONE} for one that no label is for
 * @param tags for each word its tag
 */
public record WordExample(WordTokens tokens, long[] classes, List<String> tags) {
    /** What the loss passes over. */
    public static final long NONE = -100;

    /** A sentence of at most so many tokens; words beyond are left out. */
    public static WordExample of(TaggedSentence sentence, List<String> labels, Tokenizer tokenizer, int maxTokens) {
        WordTokens tokens = WordTokens.of(tokenizer, sentence.words()).cut(maxTokens);
        long[] classes = new long[tokens.words()];
        for (int w = 0; w < classes.length; w++) {
            int label = labels.indexOf(sentence.tags().get(w));
            classes[w] = label < 0 ? NONE : label;
        }
        return new WordExample(tokens, classes, sentence.tags().subList(0, classes.length));
    }
}
