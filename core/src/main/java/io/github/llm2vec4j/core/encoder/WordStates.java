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
        return encode(sentences, List.of(model.decoder().config().layers()))[0];
    }

    /**
     * The state of each word by layer, from one pass: (layers, sentences, words, dimensions).
     *
     * @param layers as for {@link Llm2Vec#encodeLayers}
     */
    public float[][][][] encode(List<List<String>> sentences, List<Integer> layers) {
        List<WordTokens> tokens = sentences.stream()
                .map(words -> WordTokens.of(model.tokenizer(), words))
                .toList();
        float[][][][] states = model.tokenStates(
                tokens.stream()
                        .map(sentence -> new PreparedText(sentence.ids(), 0, sentence.ids().length, false))
                        .toList(),
                layers);
        float[][][][] result = new float[layers.size()][tokens.size()][][];
        for (int l = 0; l < result.length; l++) {
            for (int s = 0; s < tokens.size(); s++) {
                result[l][s] = means(states[l][s], tokens.get(s));
            }
        }
        return result;
    }

    private float[][] means(float[][] states, WordTokens sentence) {
        float[][] means = new float[sentence.words()][];
        for (int w = 0; w < means.length; w++) {
            means[w] = mean(states, reading.tokens(sentence, w));
        }
        return means;
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
