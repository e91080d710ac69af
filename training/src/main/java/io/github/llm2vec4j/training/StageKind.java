package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.MaskingPolicy;
import io.github.llm2vec4j.training.data.TextFiles;
import io.github.llm2vec4j.training.data.TokenBlocks;
import io.github.llm2vec4j.training.objective.ContrastiveObjective;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.TokenObjective;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
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

    boolean trainsAdapter(StageConfig config) {
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
    Objective objective(StageConfig config, Tokenizer tokenizer) {
        return switch (this) {
            case CLM, MNTP -> tokens(config, tokenizer);
            case SIMCSE ->
                contrastive(
                        config,
                        tokenizer,
                        ContrastiveRows.ofTexts(
                                TextFiles.texts(trainFiles(config), List.of("text")),
                                tokenizer,
                                ModelWriter.template(config),
                                config.integer("max_seq_length", 128)),
                        20);
            case SUPERVISED ->
                contrastive(
                        config,
                        tokenizer,
                        ContrastiveRows.read(
                                trainFiles(config),
                                config.text("instruction", ""),
                                tokenizer,
                                ModelWriter.template(config),
                                config.integer("max_seq_length", 512)),
                        50);
            case WORD -> throw new IllegalStateException("words are not learned from texts alone");
        };
    }

    private Objective tokens(StageConfig config, Tokenizer tokenizer) {
        int length = config.integer("max_seq_length", 512);
        boolean causal = this == CLM;
        TokenBlocks train = blocks(trainFiles(config), tokenizer, length, causal);
        TokenBlocks heldOut;
        if (config.has("eval_file")) {
            heldOut = blocks(config.files("eval_file"), tokenizer, length, causal);
        } else {
            int held = causal ? 0 : Math.min(train.count() / 20, config.integer("validation_blocks", 64));
            heldOut = train.range(0, held);
            train = train.range(held, train.count());
        }
        int batch = config.integer("per_device_train_batch_size", 8) * config.integer("gradient_accumulation_steps", 1);
        return new TokenObjective(
                train,
                heldOut,
                new TokenObjective.Settings(
                        causal ? null : masking(config, tokenizer),
                        batch,
                        config.integer("micro_batch_size", 8),
                        causal ? 0 : config.number("lora_dropout", 0.05),
                        config.integer("seed", 42),
                        config.flag("shuffle", true)));
    }

    private Objective contrastive(StageConfig config, Tokenizer tokenizer, ContrastiveRows rows, double scale) {
        int batch = config.integer("per_device_train_batch_size", 64);
        if (batch < 2) {
            throw new ConfigException(config.source() + ": per_device_train_batch_size: expected at least 2 for " + this
                    + ", found " + batch + ": a text is told apart from the other rows of its batch");
        }
        return new ContrastiveObjective(
                rows,
                tokenizer.padId(),
                new ContrastiveObjective.Settings(
                        batch,
                        config.integer("micro_batch_size", 16),
                        config.flag("gradient_cache", false),
                        config.number("loss_scale", scale),
                        this == SIMCSE ? config.number("simcse_dropout", 0.3) : 0,
                        config.number("lora_dropout", 0.05),
                        config.integer("seed", 42),
                        config.flag("shuffle", true),
                        this == SIMCSE && config.flag("reference_compat", false)));
    }

    static List<Path> trainFiles(StageConfig config) {
        List<Path> files = config.files("train_file");
        if (files.isEmpty() && config.has("dataset_file_path")) {
            files.add(Path.of(config.text("dataset_file_path")));
        }
        if (files.isEmpty()) {
            throw new ConfigException(config.source() + ": train_file is missing: name the text to train on");
        }
        return files;
    }

    private static TokenBlocks blocks(List<Path> files, Tokenizer tokenizer, int length, boolean endOfText) {
        return TokenBlocks.pack(TextFiles.texts(files, List.of("text")).iterator(), tokenizer, length, endOfText);
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
