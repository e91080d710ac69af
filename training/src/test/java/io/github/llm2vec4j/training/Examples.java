package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.MaskingPolicy;
import io.github.llm2vec4j.training.data.TokenBlocks;
import io.github.llm2vec4j.training.objective.ContrastiveObjective;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.TokenObjective;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Small objectives on the project's own fixtures, eight rows in a batch. */
final class Examples {
    static final int BATCH = 8;

    private Examples() {}

    /** Masked next tokens. */
    static Objective mntp(int microBatch, double loraDropout) {
        return tokens(new MaskingPolicy(0.5, 316, true, 600, Set.of(1, 2)), microBatch, loraDropout);
    }

    /** Next tokens, for training all weights. */
    static Objective nextTokens(int microBatch) {
        return tokens(null, microBatch, 0);
    }

    private static Objective tokens(MaskingPolicy masking, int microBatch, double loraDropout) {
        JsonNode blocks = Golden.OWN.json("training/collators/grouping.json").path("blocks");
        int length = blocks.path(0).size();
        int[] tokens = IntStream.range(0, BATCH * length)
                .map(i -> blocks.path(i / length).path(i % length).asInt())
                .toArray();
        TokenBlocks all = new TokenBlocks(length, tokens);
        return new TokenObjective(
                all, all, new TokenObjective.Settings(masking, BATCH, microBatch, loraDropout, 3, false));
    }

    /** Queries, positives and hard negatives of unequal lengths. */
    static Objective contrastive(
            int microBatch, boolean gradientCache, double attentionDropout, double loraDropout, boolean wholeRows) {
        try (Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("models/mistral"))) {
            List<PreparedText[]> rows = ContrastiveRows.read(
                            List.of(
                                    Golden.OWN.file("training/supervised/e5/allnli.jsonl"),
                                    Golden.OWN.file("training/supervised/e5/hotpot_qa.jsonl")),
                            "Find it",
                            tokenizer,
                            96)
                    .datasets()
                    .stream()
                    .flatMap(List::stream)
                    .limit(BATCH)
                    .toList();
            return new ContrastiveObjective(
                    new ContrastiveRows(List.of(rows)),
                    tokenizer.padId(),
                    new ContrastiveObjective.Settings(
                            Pass.Direction.BIDIRECTIONAL,
                            BATCH,
                            microBatch,
                            gradientCache,
                            20,
                            attentionDropout,
                            loraDropout,
                            3,
                            false,
                            wholeRows));
        }
    }

    /** The tiny Mistral and its adapter. */
    static GoldenModel adapted() {
        try (GoldenArrays arrays = Golden.OWN.arrays("training/mntp/mistral.safetensors")) {
            return GoldenModel.bare(Golden.OWN, "mistral", arrays);
        }
    }

    /** A model of which all weights are trained. */
    static Decoder whole(boolean tied) {
        ObjectNode json = (ObjectNode) Golden.OWN.json("models/mistral/config.json");
        json.put("tie_word_embeddings", tied);
        return Decoder.random(DecoderConfig.of(json), 11);
    }
}
