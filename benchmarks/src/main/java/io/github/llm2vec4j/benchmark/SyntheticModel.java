package io.github.llm2vec4j.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.ShardedWriter;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.PublishedShape;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Model folders of the shape of published models, with random weights: for measuring speed and memory where the real
 * weights cannot be had. The shapes are those of {@link PublishedShape}.
 */
public final class SyntheticModel {
    private SyntheticModel() {}

    /**
     * Writes a model folder with bf16 weights in files of at most 5 GB, made one tensor at a time.
     *
     * @param like the model whose shape it gets, by its name on the hub
     * @param tokenizer a model whose tokenizer it gets; the vocabulary may be smaller than the shape's
     * @throws IllegalArgumentException if there is no such shape, the tokenizer's vocabulary does not fit, or the
     *     folder is not empty
     * @throws IOException if the folder cannot be written
     */
    public static void write(String like, String tokenizer, Path folder, long seed) throws IOException {
        ObjectNode json = PublishedShape.json(like);
        DecoderConfig config = DecoderConfig.of(json);
        checkFree(folder);
        try (Tokenizer words = Tokenizer.load(ModelFolder.resolve(tokenizer))) {
            if (words.vocabSize() > config.vocabSize()) {
                throw new IllegalArgumentException("the tokenizer of " + tokenizer + " has " + words.vocabSize()
                        + " entries, more than the " + config.vocabSize() + " of " + like);
            }
            AtomicFiles.writeFolder(folder, whole -> {
                words.copyTo(whole);
                ShardedWriter.write(whole, Decoder.randomWeights(config, seed, DType.BF16), ShardedWriter.SHARD_BYTES);
                AtomicFiles.writeString(whole.resolve("config.json"), json.toPrettyString() + "\n");
            });
        }
    }

    /**
     * The configuration of a published shape.
     *
     * @throws IllegalArgumentException if there is no such shape
     */
    public static DecoderConfig config(String like) throws IOException {
        return DecoderConfig.of(PublishedShape.json(like));
    }

    /** One block of a shape with random weights of the type, and next to no embedding table. */
    static Decoder block(String like, DType type) throws IOException {
        ObjectNode json = PublishedShape.json(like).put("num_hidden_layers", 1).put("vocab_size", 1);
        Decoder block = Decoder.random(DecoderConfig.of(json), 0);
        if (type != DType.F32) {
            try (Scope scope = Scope.open()) {
                block.linears().forEach(linear -> {
                    Parameter wide = linear.weight();
                    linear.replaceWeight(new Parameter(wide.name(), wide.value().to(type), false));
                });
            }
        }
        return block;
    }

    private static void checkFree(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + ": is a file: name a new folder");
        }
        if (Files.exists(folder)) {
            try (var entries = Files.list(folder)) {
                if (entries.findAny().isPresent()) {
                    throw new IllegalArgumentException(folder + ": is not empty: name a new folder");
                }
            }
        }
    }
}
