package io.github.llm2vec4j.evaluation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An encoder without a model: a word is a random vector seeded by its letters, a text the sum of its words. It keeps
 * what it was asked.
 */
public final class FakeEncoder implements TextEncoder, WordEncoder {
    private static final int DIM = 32;

    /** All texts it has seen, in order, with their instruction and a bar before them when there was one. */
    public final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public float[][] encode(@Nullable String instruction, List<String> texts) {
        texts.forEach(text -> seen.add(instruction == null ? text : instruction + "|" + text));
        return texts.stream().map(FakeEncoder::sum).toArray(float[][]::new);
    }

    @Override
    public float[][][] encodeWords(List<List<String>> sentences) {
        return sentences.stream()
                .map(words -> words.stream().map(FakeEncoder::word).toArray(float[][]::new))
                .toArray(float[][][]::new);
    }

    private static float[] sum(String text) {
        float[] sum = new float[DIM];
        for (String word : text.split(" ")) {
            float[] vector = word(word);
            for (int j = 0; j < DIM; j++) {
                sum[j] += vector[j];
            }
        }
        return sum;
    }

    private static float[] word(String word) {
        Random random = new Random(word.hashCode());
        float[] vector = new float[DIM];
        for (int j = 0; j < DIM; j++) {
            vector[j] = (float) random.nextGaussian();
        }
        return vector;
    }
}
