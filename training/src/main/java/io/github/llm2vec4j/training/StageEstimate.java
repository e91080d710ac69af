package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;

/**
 * About what a stage would take of a machine, from its settings and the shape of the base, before there is data.
 *
 * @param steps in the run; 0 where they follow from the data
 * @param rows in a step: blocks, texts or pairs
 * @param microBatch rows that a worker holds at once
 * @param length tokens of a row's text at most
 * @param parameters numbers in the base
 * @param bytes of memory, without the Java heap
 * @param flops multiplications and additions of the whole run, with texts of full length
 */
public record StageEstimate(
        long steps, int rows, int microBatch, int length, long parameters, long bytes, double flops) {
    /** Query, positive, negative. */
    private static final long TEXTS_OF_A_TRIPLE = 3;

    /**
     * Estimates a stage.
     *
     * @param workers that run side by side; one for a GPU
     * @param type that weights are held and computed in
     */
    public static StageEstimate of(StageKind kind, StageConfig config, DecoderConfig shape, int workers, DType type) {
        int length = kind.length(config);
        int rows = kind.batch(config);
        boolean recomputes = Stage.recomputes(config);
        boolean cached = config.flag("gradient_cache", false);
        boolean contrastive = kind == StageKind.SIMCSE || kind == StageKind.SUPERVISED;
        long textsInRow = kind == StageKind.SUPERVISED ? TEXTS_OF_A_TRIPLE : contrastive ? 2 : 1;
        int rank = config.integer("lora_r", 16);
        LoraConfig lora = kind.trainsAdapter(config)
                ? new LoraConfig(rank, 2.0 * rank, 0, LoraConfig.ALL_LINEAR, "base", false, false)
                : null;
        MemoryEstimate memory = MemoryEstimate.of(
                shape,
                lora,
                new MemoryEstimate.Load(
                        workers,
                        kind.textsHeld(config, workers, textsInRow),
                        kind.textsAtOnce(config, workers),
                        length,
                        type,
                        recomputes,
                        kind == StageKind.SIMCSE,
                        Stage.eightBit(config)));
        // Forward, and back to the inputs of each layer; to the weights as well where all are trained.
        int passes = (lora == null ? 3 : 2) + (recomputes ? 1 : 0) + (contrastive && cached ? 1 : 0);
        long steps = config.has("stop_after_n_steps")
                ? config.integer("stop_after_n_steps", 0)
                : config.integer("max_steps", 0);
        double tokens = (double) steps * rows * textsInRow * length;
        return new StageEstimate(
                steps,
                rows,
                kind.microBatch(config),
                length,
                memory.parameters(),
                memory.total(),
                tokens * passes * forward(shape, memory.parameters(), length, !contrastive));
    }

    /** The numbers in a base of a shape. */
    public static long parameters(DecoderConfig shape) {
        return MemoryEstimate.parameters(shape);
    }

    /** Multiplications and additions for one token, the head among them where tokens are predicted. */
    private static double forward(DecoderConfig shape, long parameters, int length, boolean predicts) {
        long table = (long) shape.vocabSize() * shape.hiddenSize();
        long tables = shape.tieWordEmbeddings() ? table : 2 * table;
        double products = 2.0 * (parameters - tables + (predicts ? table : 0));
        return products + 4.0 * length * shape.heads() * shape.headDim() * shape.layers();
    }
}
