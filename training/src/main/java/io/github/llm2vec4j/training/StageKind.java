package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.MaskingPolicy;
import io.github.llm2vec4j.training.objective.ContrastiveObjective;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.TokenObjective;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The stages there are, and the objective of each. */
public enum StageKind {
    /** Pre-training of all weights on next tokens. */
    CLM(false),
    /** Masked next token prediction. */
    MNTP(true),
    /** Unsupervised contrastive training: the same text under two dropouts. */
    SIMCSE(true),
    /** Contrastive training on pairs, with hard negatives. */
    SUPERVISED(true),
    /** Names words by a linear head; with {@code train_adapter}, an adapter is trained with it. */
    WORD(false);

    private final boolean adapter;

    StageKind(boolean adapter) {
        this.adapter = adapter;
    }

    /** The stage of a name such as {@code mntp}. */
    public static StageKind of(String name) {
        for (StageKind kind : values()) {
            if (kind.name().equalsIgnoreCase(name)) {
                return kind;
            }
        }
        throw new ConfigException("stage '" + name + "': expected clm, mntp, simcse, supervised or word");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether what is trained is an adapter on a decoder that stays as it is, or that with a head. */
    public boolean trainsAdapter(StageConfig config) {
        return adapter || this == WORD && config.flag("train_adapter", false);
    }

    /** Whether what is trained is all of a decoder. */
    boolean trainsDecoder() {
        return this == CLM;
    }

    /** That of the reference's configurations where it is not that of the Hugging Face Trainer. */
    double learningRate() {
        return this == WORD ? 5e-4 : 5e-5;
    }

    double epochs() {
        return this == WORD ? 10 : 3;
    }

    /** What is learned from texts; {@link WordData} makes that of {@link #WORD}. */
    Objective objective(StageConfig config, Tokenizer tokenizer, StageData data) {
        Objective objective = read(config, tokenizer, data);
        data.countTests();
        return objective;
    }

    private Objective read(StageConfig config, Tokenizer tokenizer, StageData data) {
        return switch (this) {
            case CLM, MNTP -> tokens(config, tokenizer, data);
            case SIMCSE -> contrastive(config, tokenizer, data.texts(length(config)), 20);
            case SUPERVISED -> contrastive(config, tokenizer, data.pairs(length(config)), 50);
            case WORD -> throw new IllegalStateException("words are not learned from texts alone");
        };
    }

    /** Tokens of a block, or most tokens of a text. */
    int length(StageConfig config) {
        return config.integer("max_seq_length", this == SIMCSE ? 128 : 512);
    }

    /**
     * How many texts or blocks a worker holds for the way back at once.
     *
     * @param textsInRow of a contrastive stage
     */
    long textsHeld(StageConfig config, int workers, long textsInRow) {
        if (this == CLM || this == MNTP) {
            return Math.min(microBatch(config), rowsOfWorker(batch(config), workers));
        }
        return config.flag("gradient_cache", false)
                ? textsAtOnce(config, workers)
                : rowsOfWorker(batch(config), workers) * textsInRow;
    }

    /** How many of them go through in one pass. */
    long textsAtOnce(StageConfig config, int workers) {
        return Math.min(microBatch(config), rowsOfWorker(batch(config), workers));
    }

    private static long rowsOfWorker(int batch, int workers) {
        return (batch + workers - 1) / workers;
    }

    /** Rows that a worker holds at once. */
    public int microBatch(StageConfig config) {
        return config.integer("micro_batch_size", this == CLM || this == MNTP ? 8 : 16);
    }

    /** Rows in a step. */
    public int batch(StageConfig config) {
        return this == CLM || this == MNTP
                ? config.integer("per_device_train_batch_size", 8) * config.integer("gradient_accumulation_steps", 1)
                : config.integer("per_device_train_batch_size", 64);
    }

    private Objective tokens(StageConfig config, Tokenizer tokenizer, StageData data) {
        boolean causal = this == CLM;
        StageData.Blocks blocks = data.blocks(length(config), causal);
        return new TokenObjective(
                blocks.train(),
                blocks.heldOut(),
                new TokenObjective.Settings(
                        causal ? null : masking(config, tokenizer),
                        batch(config),
                        microBatch(config),
                        causal ? 0 : config.number("lora_dropout", 0.05),
                        config.integer("seed", 42),
                        config.flag("shuffle", true)));
    }

    private Objective contrastive(StageConfig config, Tokenizer tokenizer, ContrastiveRows rows, double scale) {
        int batch = batch(config);
        if (batch < 2) {
            throw new ConfigException(config.source() + ": per_device_train_batch_size: expected at least 2 for " + this
                    + ", found " + batch + ": a text is told apart from the other rows of its batch");
        }
        return new ContrastiveObjective(
                rows,
                tokenizer.padId(),
                new ContrastiveObjective.Settings(
                        config.flag("bidirectional", true) ? Pass.Direction.BIDIRECTIONAL : Pass.Direction.CAUSAL,
                        batch,
                        microBatch(config),
                        config.flag("gradient_cache", false),
                        config.number("loss_scale", scale),
                        this == SIMCSE ? config.number("simcse_dropout", 0.3) : 0,
                        config.number("lora_dropout", 0.05),
                        config.integer("seed", 42),
                        config.flag("shuffle", true),
                        this == SIMCSE && config.flag("reference_compat", false)));
    }

    private static MaskingPolicy masking(StageConfig config, Tokenizer tokenizer) {
        String type = config.text("mask_token_type", "blank");
        @Nullable
        Integer mask = switch (type) {
            case "blank" -> tokenizer.idOf("_");
            case "eos" -> Integer.valueOf(tokenizer.eosId());
            default ->
                throw new ConfigException(
                        config.source() + ": mask_token_type '" + type + "' is not supported: expected blank or eos");
        };
        if (mask == null) {
            throw new ConfigException(
                    config.source() + ": mask_token_type blank needs a token '_', which the tokenizer lacks: use eos");
        }
        String collator = config.text("data_collator_type", "default");
        if (!collator.equals("default") && !collator.equals("all_mask")) {
            throw new ConfigException(config.source() + ": data_collator_type '" + collator
                    + "' is not supported: expected default or all_mask");
        }
        Set<Integer> special = new HashSet<>(Set.of(tokenizer.eosId()));
        if (tokenizer.bosId() != null) {
            special.add(tokenizer.bosId());
        }
        return new MaskingPolicy(
                config.number("mlm_probability", 0.2),
                mask,
                collator.equals("all_mask"),
                tokenizer.vocabSize(),
                special);
    }
}
