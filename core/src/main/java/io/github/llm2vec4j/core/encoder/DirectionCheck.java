package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.model.Pass;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A self-test of a loaded model: the state of a text's first token changes with the last token exactly when attention
 * is bidirectional. Where a mask is silently wrong, vectors look like any others.
 */
final class DirectionCheck {
    private DirectionCheck() {}

    /**
     * @param vocabSize ids are below it
     * @param firstState of token ids, the state of the first
     * @param model to be named in an error
     * @throws BadCheckpointException if the model does not attend as asked, or its states are not finite
     */
    static void run(Pass.Direction direction, int vocabSize, Function<int[], float[]> firstState, Path model) {
        // More than one, since unused tokens of a vocabulary may share a vector.
        int[] others = {vocabSize - vocabSize / 4 - 1, vocabSize / 3, vocabSize - 1};
        float[] state = state(firstState, vocabSize, vocabSize / 2, model);
        boolean changes = false;
        for (int i = 0; i < others.length && !changes; i++) {
            changes = !Arrays.equals(state, state(firstState, vocabSize, others[i], model));
        }
        if (changes != (direction == Pass.Direction.BIDIRECTIONAL)) {
            throw new BadCheckpointException(
                    model,
                    "self-test failed: attention is to be " + direction.name().toLowerCase(java.util.Locale.ROOT)
                            + ", but the state of the first token " + (changes ? "changes" : "does not change")
                            + " with the last token; the weights of attention may be damaged");
        }
    }

    private static float[] state(Function<int[], float[]> firstState, int vocabSize, int last, Path model) {
        float[] state = firstState.apply(new int[] {vocabSize / 4, vocabSize / 5, last});
        for (float value : state) {
            if (!Float.isFinite(value)) {
                throw new BadCheckpointException(
                        model,
                        "self-test failed: the state of a token holds " + value
                                + "; the weights are damaged, or too large for the compute type");
            }
        }
        return state;
    }
}
