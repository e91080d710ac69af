package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.tokenizer.Tokens;
import java.util.ArrayList;
import java.util.List;

/** One vector for each word of a sentence that comes in words. */
public final class WordStates {
    private final Llm2Vec model;
    private final Position position;

    /** Where a word's state is read. */
    public enum Position {
        /** At the word's own tokens. */
        SAME_TOKEN,
        /** One token earlier, where a model trained on masked next tokens predicts the word. */
        PREVIOUS_TOKEN
    }

    public WordStates(Llm2Vec model, Position position) {
        this.model = model;
        this.position = position;
    }

    /**
     * The mean state of each word's tokens: for each sentence (words, dimensions). Words are joined by spaces; the
     * tokens of a word are those that cover a character of it.
     *
     * @throws IllegalArgumentException if a sentence is too long for the model or a word is blank
     */
    public float[][][] encode(List<List<String>> sentences) {
        List<PreparedText> texts = new ArrayList<>();
        List<int[][]> spans = new ArrayList<>();
        for (List<String> words : sentences) {
            Tokens tokens = model.tokenizer().encode(String.join(" ", words), true);
            texts.add(new PreparedText(tokens.ids(), 0, tokens.length(), false));
            spans.add(spans(words, tokens));
        }
        float[][][] states = model.tokenStates(texts);
        float[][][] result = new float[sentences.size()][][];
        for (int s = 0; s < result.length; s++) {
            result[s] = new float[spans.get(s).length][];
            for (int w = 0; w < result[s].length; w++) {
                result[s][w] = mean(states[s], spans.get(s)[w]);
            }
        }
        return result;
    }

    /** The first token of each word and the one after its last. */
    private static int[][] spans(List<String> words, Tokens tokens) {
        int[][] spans = new int[words.size()][];
        int start = 0;
        int token = 0;
        for (int w = 0; w < spans.length; w++) {
            int end = start + words.get(w).length();
            while (token < tokens.length() && tokens.ends()[token] <= start) {
                token++;
            }
            int first = token;
            while (token < tokens.length() && tokens.starts()[token] < end) {
                token++;
            }
            if (token == first) {
                throw new IllegalArgumentException("word " + (w + 1) + " of '" + String.join(" ", words)
                        + "' has no token: words must not be blank");
            }
            spans[w] = new int[] {first, token};
            start = end + 1;
        }
        return spans;
    }

    private float[] mean(float[][] states, int[] span) {
        int shift = position == Position.PREVIOUS_TOKEN ? 1 : 0;
        float[] mean = new float[states[0].length];
        for (int t = span[0]; t < span[1]; t++) {
            float[] state = states[Math.max(0, t - shift)];
            for (int i = 0; i < mean.length; i++) {
                mean[i] += state[i] / (span[1] - span[0]);
            }
        }
        return mean;
    }
}
