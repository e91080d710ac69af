package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.torch.RandomState;
import java.util.SplittableRandom;

/**
 * The order in which rows are seen: each epoch is a permutation that follows from (seed, epoch). The last rows of an
 * epoch that do not fill a batch are left out of it.
 */
public final class EpochOrder {
    private final int rows;
    private final int batchSize;
    private final long seed;
    private final boolean shuffle;
    private long epoch = -1;
    private int[] order = {};

    /**
     * @param rows number of rows, at least one batch
     * @param shuffle whether to permute; otherwise rows come as they are
     */
    public EpochOrder(int rows, int batchSize, long seed, boolean shuffle) {
        if (batchSize < 1 || rows < batchSize) {
            throw new IllegalArgumentException("the data has " + rows + " rows, less than one batch of " + batchSize
                    + ": give more data or a smaller batch size");
        }
        this.rows = rows;
        this.batchSize = batchSize;
        this.seed = seed;
        this.shuffle = shuffle;
    }

    public int stepsPerEpoch() {
        return rows / batchSize;
    }

    /** The rows of a step, counted from 0 over all epochs. */
    public int[] batch(long step) {
        load(step / stepsPerEpoch());
        int[] batch = new int[batchSize];
        int start = (int) (step % stepsPerEpoch()) * batchSize;
        System.arraycopy(order, start, batch, 0, batchSize);
        return batch;
    }

    private void load(long wanted) {
        if (wanted == epoch) {
            return;
        }
        int[] fresh = new int[rows];
        SplittableRandom random = new SplittableRandom(RandomState.mix(seed, wanted));
        for (int i = 0; i < rows; i++) {
            int j = shuffle ? random.nextInt(i + 1) : i;
            fresh[i] = fresh[j];
            fresh[j] = i;
        }
        order = fresh;
        epoch = wanted;
    }
}
