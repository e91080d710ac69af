package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.checkpoint.ShardedWriter;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.ModelCard;
import io.github.llm2vec4j.core.hub.ModelRecord;
import io.github.llm2vec4j.core.lora.AdapterSum;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.model.StoredModel;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes a model, with its adapters, in a layout that other programs read. */
public final class ModelExport {
    private ModelExport() {}

    /** The layouts. */
    public enum Format {
        /** A model folder of transformers and llm2vec, the adapters merged. */
        MERGED,
        /** One adapter of PEFT for the base model, which equals all adapters of the chain. */
        PEFT,
        /** A folder of sentence-transformers, the adapters merged; it carries the code that attends to all tokens. */
        SENTENCE_TRANSFORMERS;

        /**
         * The format of a name such as {@code merged}.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Format of(String name) {
            return Arrays.stream(values())
                    .filter(format -> format.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("format '" + name
                            + "' is not supported: expected "
                            + Arrays.stream(values()).map(Format::toString).collect(Collectors.joining(", "))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Writes a model into a new folder, which appears whole or not at all.
     *
     * @param type the type of merged weights, or null for that in which the base stores them (fp32 where that is
     *     quantised)
     * @throws IllegalArgumentException if there is something in the folder already, or the model cannot be written so
     * @throws BadCheckpointException if a file of the model is missing or damaged
     */
    public static void write(ModelChain chain, Path target, Format format, @Nullable DType type) throws IOException {
        if (Files.exists(target)) {
            try (Stream<Path> inside = Files.isDirectory(target) ? Files.list(target) : Stream.of(target)) {
                if (inside.findAny().isPresent()) {
                    throw new IllegalArgumentException(target + ": is there already: give a new or an empty folder");
                }
            }
        }
        if (chain.causal() && format != Format.SENTENCE_TRANSFORMERS) {
            throw new IllegalArgumentException(
                    chain.last() + ": attends to earlier tokens alone, which " + format + " cannot say");
        }
        switch (format) {
            case SENTENCE_TRANSFORMERS -> {
                SentenceTransformersExport.check(chain);
                AtomicFiles.writeFolder(target, folder -> {
                    merged(chain, folder, type);
                    SentenceTransformersExport.write(chain, folder);
                    record(chain, target, folder);
                });
            }
            case MERGED ->
                AtomicFiles.writeFolder(target, folder -> {
                    merged(chain, folder, type);
                    record(chain, target, folder);
                });
            case PEFT -> {
                if (chain.adapters().isEmpty()) {
                    throw new IllegalArgumentException(
                            chain.base() + ": has no adapter to write as peft: use --format merged");
                }
                AtomicFiles.writeFolder(target, folder -> {
                    peft(chain, target, folder);
                    record(chain, target, folder);
                });
            }
        }
    }

    /** How it was made, and its card. */
    private static void record(ModelChain chain, Path target, Path folder) throws IOException {
        ModelRecord.copy(chain.base(), chain.adapters(), chain.last(), folder);
        ModelCard.write(
                folder, String.valueOf(target.toAbsolutePath().normalize().getFileName()));
    }

    private static void merged(ModelChain chain, Path folder, @Nullable DType type) throws IOException {
        ObjectNode json;
        DType kept;
        boolean withHead;
        try (StoredModel stored = StoredModel.open(chain.base())) {
            json = stored.json().deepCopy();
            kept = storedType(stored);
            withHead = stored.hasHead();
        }
        DType written = type == null ? kept : type;
        try (Decoder decoder = Decoder.load(chain.base(), kept);
                AdapterSum sum = AdapterSum.of(decoder, chain.adapters())) {
            Map<String, SafetensorsWriter.Pending> weights = pending(decoder, sum, written);
            checkSpace(
                    folder,
                    weights.values().stream()
                            .mapToLong(SafetensorsWriter.Pending::byteCount)
                            .sum(),
                    Files.getFileStore(folder).getUsableSpace());
            ShardedWriter.write(folder, weights, ShardedWriter.SHARD_BYTES);
        }
        configure(json, written, withHead, chain.causal());
        AtomicFiles.writeString(folder.resolve("config.json"), json.toPrettyString() + "\n");
        try (Tokenizer tokenizer = Tokenizer.load(chain.tokenizerFolder())) {
            tokenizer.copyTo(folder);
        }
        chain.config().write(folder);
        chain.writeMerged(folder);
        chain.prompts().write(folder);
    }

    /** Said before a large model has been written in part. */
    static void checkSpace(Path folder, long bytes, long free) {
        if (bytes > free) {
            throw new IllegalArgumentException(
                    "the weights need " + HubProgress.size(bytes) + ", but " + HubProgress.size(free) + " are free in "
                            + folder.getParent() + ": make room, or give a folder on another disk");
        }
    }

    /** Each weight, summed when it is written. */
    private static Map<String, SafetensorsWriter.Pending> pending(Decoder decoder, AdapterSum sum, DType type) {
        Map<String, Linear> linears = new HashMap<>();
        decoder.linears().forEach(linear -> linears.put(linear.weight().name(), linear));
        Map<String, SafetensorsWriter.Pending> pending = new LinkedHashMap<>();
        decoder.parameters().forEach((name, parameter) -> {
            Linear linear = linears.get(name);
            pending.put(
                    name,
                    new SafetensorsWriter.Pending(
                            type,
                            Arrays.stream(parameter.value().shape()).boxed().toList(),
                            () -> linear == null ? parameter.value().to(type) : sum.weight(linear, type)));
        });
        return pending;
    }

    private static DType storedType(StoredModel stored) {
        return switch (stored.storedType()) {
            case "BF16" -> DType.BF16;
            case "F16" -> DType.F16;
            default -> DType.F32;
        };
    }

    /** The base's config.json as it holds for the merged model. */
    private static void configure(ObjectNode json, DType type, boolean withHead, boolean causal) {
        String family = json.path("model_type").asText();
        json.putArray("architectures")
                .add(family.substring(0, 1).toUpperCase(Locale.ROOT)
                        + family.substring(1)
                        + (withHead ? "ForCausalLM" : "Model"));
        json.remove("_name_or_path");
        json.remove("auto_map"); // the code it names stays behind
        json.remove("dtype");
        json.put("torch_dtype", type.torchName());
        // What other programs go by: later versions 5 of transformers, text-embeddings-inference.
        json.put("is_causal", causal);
        json.put("use_bidirectional_attention", !causal);
    }

    private static void peft(ModelChain chain, Path target, Path folder) throws IOException {
        DType type;
        try (StoredModel stored = StoredModel.open(chain.base())) {
            type = storedType(stored);
        }
        try (Decoder decoder = Decoder.load(chain.base(), type);
                LoraAdapter joined = LoraAdapter.join(decoder, chain.adapters())) {
            joined.save(folder);
        }
        try (Tokenizer tokenizer = Tokenizer.load(chain.tokenizerFolder())) {
            tokenizer.copyTo(folder);
        }
        chain.config().write(folder);
        chain.prompts().write(folder);
        ModelChain.write(folder, target, chain.base().toString(), List.of(), chain.template(), chain.causal());
    }
}
