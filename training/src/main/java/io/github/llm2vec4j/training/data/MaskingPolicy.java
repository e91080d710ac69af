package io.github.llm2vec4j.training.data;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chooses the positions to predict and what stands in their place.
 *
 * @param probability that a position which holds no special token is chosen
 * @param maskId the token that stands for a chosen one
 * @param replaceAll whether every chosen token becomes the mask token; otherwise 80 % do, 10 % become a random token
 *     and 10 % stay, as in BERT
 * @param vocabSize random tokens are drawn from 0 to this
 * @param specialIds tokens that are never chosen
 */
public record MaskingPolicy(
        double probability, int maskId, boolean replaceAll, int vocabSize, Set<Integer> specialIds) {

    public MaskingPolicy {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("mlm_probability: expected above 0 to 1, found " + probability);
        }
        specialIds = Set.copyOf(specialIds);
    }

    /**
     * A masked block.
     *
     * @param inputs what the model sees
     * @param labels the token at each chosen position, -100 elsewhere
     */
    public record Masked(int[] inputs, int[] labels) {}

    /** Masks a block; the same seed gives the same mask. */
    public Masked mask(int[] block, long seed) {
        return mask(block, new SplittableRandom(seed));
    }

    /**
     * Masks a block. Drawn are, position by position: whether it is chosen, and if so and not all are replaced, what
     * becomes of it, and the random token if it is to be one.
     */
    Masked mask(int[] block, RandomGenerator random) {
        int[] inputs = block.clone();
        int[] labels = new int[block.length];
        for (int i = 0; i < block.length; i++) {
            boolean chosen = random.nextDouble() < probability && !specialIds.contains(block[i]);
            labels[i] = chosen ? block[i] : -100;
            if (chosen) {
                inputs[i] = replacement(block[i], random);
            }
        }
        return new Masked(inputs, labels);
    }

    private int replacement(int token, RandomGenerator random) {
        double draw = replaceAll ? 0 : random.nextDouble();
        if (draw < 0.8) {
            return maskId;
        }
        return draw < 0.9 ? random.nextInt(vocabSize) : token;
    }
}
