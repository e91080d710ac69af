package io.github.llm2vec4j.core.encoder;

import java.util.List;

/** One vector for each word of a sentence that comes in words. */
public final class WordStates {
    private final Llm2Vec model;
    private final WordReading reading;

    /** Where a word's state is read. */
    public enum Position {
        /** At the word's own tokens. */
        SAME_TOKEN,
        /** One token earlier, where a model trained on masked next tokens predicts the word. */
        PREVIOUS_TOKEN
    }

    /** The mean over all tokens of each word. */
    public WordStates(Llm2Vec model, Position position) {
        this(model, new WordReading(position, true));
    }

    public WordStates(Llm2Vec model, WordReading reading) {
        this.model = model;
        this.reading = reading;
    }

    /**
     * The state of each word: for each sentence (words, dimensions). How words become tokens: {@link WordTokens#of}.
     *
     * @throws IllegalArgumentException if a sentence is too long for the model or a word is blank
     */
    public float[][][] encode(List<List<String>> sentences) {
        List<WordTokens> tokens = sentences.stream()
                .map(words -> WordTokens.of(model.tokenizer(), words))
                .toList();
        float[][][] states = model.tokenStates(tokens.stream()
                .map(sentence -> new PreparedText(sentence.ids(), 0, sentence.ids().length, false))
                .toList());
        float[][][] result = new float[states.length][][];
        for (int s = 0; s < states.length; s++) {
            result[s] = new float[tokens.get(s).words()][];
            for (int w = 0; w < result[s].length; w++) {
                result[s][w] = mean(states[s], reading.tokens(tokens.get(s), w));
            }
        }
        return result;
    }

    private static float[] mean(float[][] states, int[] tokens) {
        float[] mean = new float[states[0].length];
        for (int token : tokens) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += states[token][i] / tokens.length;
            }
        }
        return mean;
    }
}
