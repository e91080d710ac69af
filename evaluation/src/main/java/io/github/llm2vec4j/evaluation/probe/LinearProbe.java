package io.github.llm2vec4j.evaluation.probe;

import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.evaluation.WordEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * A linear classifier on the frozen vector of each word: what the vector says about the word's tag, with no look at
 * neighbouring tags (LLM2Vec, section 3.1, with logistic regression in place of SGD).
 */
public record LinearProbe(WordEncoder encoder, LogisticRegression.Settings settings) implements WordTagger {

    /** A probe with {@link LogisticRegression.Settings#WORDS}. */
    public LinearProbe(WordEncoder encoder) {
        this(encoder, LogisticRegression.Settings.WORDS);
    }

    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public Fitted fit(List<TaggedSentence> train) {
        List<String> tags = train.stream().flatMap(s -> s.tags().stream()).toList();
        LogisticRegression classifier = LogisticRegression.fit(
                vectors(train.stream().map(TaggedSentence::words).toList()), tags, settings);
        return sentences -> {
            List<String> flat = classifier.predict(vectors(sentences));
            List<List<String>> result = new ArrayList<>();
            int from = 0;
            for (List<String> sentence : sentences) {
                result.add(flat.subList(from, from += sentence.size()));
            }
            return result;
        };
    }

    private DenseRows vectors(List<List<String>> sentences) {
        float[][][] encoded = encoder.encodeWords(sentences); // (sentence, word, dim)
        if (encoded.length != sentences.size()) {
            throw new IllegalArgumentException("encoder " + encoder.name() + ": expected " + sentences.size()
                    + " sentences, found " + encoded.length);
        }
        List<float[]> flat = new ArrayList<>();
        for (int s = 0; s < encoded.length; s++) {
            if (encoded[s].length != sentences.get(s).size()) {
                throw new IllegalArgumentException("encoder " + encoder.name() + ", sentence " + s + ": expected "
                        + sentences.get(s).size() + " word vectors, found " + encoded[s].length);
            }
            flat.addAll(List.of(encoded[s]));
        }
        return new DenseRows(flat.toArray(float[][]::new));
    }
}
