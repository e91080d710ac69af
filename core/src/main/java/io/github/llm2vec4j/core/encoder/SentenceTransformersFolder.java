package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder of the Python package sentence-transformers, which lists in {@code modules.json} what happens to a text one
 * after the other: a transformer, pooling, and the vectors' normalisation or not. It encodes as the package does: all
 * tokens are pooled, the first one too, and attention is causal unless the model's config.json says otherwise. One that
 * {@link ModelExport} wrote encodes as the model it was written from.
 *
 * @param root the folder itself
 * @param transformer the folder of the model in it, or the same
 * @param settings how it encodes; its {@code skipInstruction} is the package's {@code include_prompt = false}
 * @param ours whether it was written by {@link ModelExport}
 * @param causal whether a token sees those before it alone
 * @param normalised whether vectors are scaled to length 1
 */
public record SentenceTransformersFolder(
        Path root, Path transformer, EncoderConfig settings, boolean ours, boolean causal, boolean normalised) {
    static final String MODULES = "modules.json";

    /** The transformer that {@link ModelExport} lists, a class in the file {@code llm2vec_transformer.py}. */
    static final String OWN_TRANSFORMER = "llm2vec_transformer.BidirectionalTransformer";

    private static final Map<String, String> POOLING_FLAGS = Map.of(
            "pooling_mode_cls_token", "cls",
            "pooling_mode_mean_tokens", "mean",
            "pooling_mode_max_tokens", "max",
            "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens",
            "pooling_mode_weightedmean_tokens", "weightedmean",
            "pooling_mode_lasttoken", "lasttoken");

    private record Module(String kind, boolean ours, Path folder) {}

    static boolean is(Path folder) {
        return Files.isRegularFile(folder.resolve(MODULES));
    }

    /**
     * Reads a folder.
     *
     * @throws BadCheckpointException if a module is missing, unknown, or configured to do what is not supported
     */
    static SentenceTransformersFolder read(Path folder) {
        List<Module> modules = modules(folder);
        List<String> kinds = modules.stream().map(Module::kind).toList();
        boolean normalised = kinds.equals(List.of("Transformer", "Pooling", "Normalize"));
        if (!normalised && !kinds.equals(List.of("Transformer", "Pooling"))) {
            throw new BadCheckpointException(
                    folder.resolve(MODULES),
                    "the modules " + String.join(", ", kinds)
                            + " are not supported in this order: expected Transformer, Pooling and Normalize or not");
        }
        Path transformer = modules.get(0).folder;
        boolean ours = modules.get(0).ours;
        Path file = modules.get(1).folder.resolve("config.json");
        JsonNode pooling = json(file, true);
        checkWidth(file, pooling, transformer);
        Pooling mode = pooling(file, pooling);
        if (!ours) {
            int maxLength = maxLength(transformer);
            boolean skip = !pooling.path("include_prompt").asBoolean(true);
            EncoderConfig settings = new EncoderConfig(mode, maxLength, maxLength, skip);
            return new SentenceTransformersFolder(
                    folder, transformer, settings, false, isCausal(transformer), normalised);
        }
        EncoderConfig settings = EncoderConfig.read(transformer);
        if (settings.pooling() != mode) {
            throw new BadCheckpointException(
                    file, "says pooling " + mode + ", llm2vec_config.json " + settings.pooling() + ": which is right?");
        }
        return new SentenceTransformersFolder(folder, transformer, settings, true, false, normalised);
    }

    private static List<Module> modules(Path folder) {
        Path file = folder.resolve(MODULES);
        JsonNode list = json(file, true);
        if (!list.isArray()) {
            throw new BadCheckpointException(file, "is not a list of modules");
        }
        List<Module> modules = new ArrayList<>();
        for (JsonNode node : list) {
            String type = node.path("type").asText();
            boolean ours = type.equals(OWN_TRANSFORMER);
            String kind = ours ? "Transformer" : type.substring(type.lastIndexOf('.') + 1);
            if (!ours
                    && (!type.startsWith("sentence_transformers.")
                            || !List.of("Transformer", "Pooling", "Normalize").contains(kind))) {
                throw new BadCheckpointException(
                        file,
                        "module '" + type + "' is not supported: without it the vectors would not be the model's;"
                                + " expected Transformer, Pooling and Normalize");
            }
            String path = node.path("path").asText("");
            if (!path.matches("[A-Za-z0-9_-][A-Za-z0-9_.-]*|")) {
                throw new BadCheckpointException(file, "path '" + path + "' is not the name of a folder in this one");
            }
            modules.add(new Module(kind, ours, folder.resolve(path)));
        }
        return modules;
    }

    /** Both ways to say it: a flag for each mode, and, from version 5.4, the mode's name. */
    private static Pooling pooling(Path file, JsonNode json) {
        List<String> modes = new ArrayList<>();
        JsonNode named = json.path("pooling_mode");
        if (named.isArray()) {
            named.forEach(mode -> modes.add(mode.asText()));
        } else if (!named.isMissingNode()) {
            modes.add(named.asText());
        } else {
            POOLING_FLAGS.keySet().stream()
                    .sorted()
                    .filter(flag -> json.path(flag).asBoolean(false))
                    .forEach(flag -> modes.add(POOLING_FLAGS.get(flag)));
        }
        if (modes.size() != 1) {
            throw new BadCheckpointException(
                    file, "asks for " + modes.size() + " ways of pooling at once " + modes + ": expected one");
        }
        try {
            return switch (modes.get(0)) {
                case "cls" -> Pooling.BOS_TOKEN;
                case "weightedmean" -> Pooling.WEIGHTED_MEAN;
                case "lasttoken" -> Pooling.LAST_TOKEN;
                case "eos_token", "bos_token", "weighted_mean", "last_token" ->
                    throw new IllegalArgumentException("pooling '" + modes.get(0) + "' is not one of the package's");
                default -> Pooling.of(modes.get(0));
            };
        } catch (IllegalArgumentException e) {
            throw new BadCheckpointException(file, String.valueOf(e.getMessage()), e);
        }
    }

    /** The names by which both versions of the file know a mode; refuses one that the package has not. */
    static String flag(Pooling pooling) {
        return switch (pooling) {
            case MEAN -> "pooling_mode_mean_tokens";
            case WEIGHTED_MEAN -> "pooling_mode_weightedmean_tokens";
            case LAST_TOKEN -> "pooling_mode_lasttoken";
            case BOS_TOKEN -> "pooling_mode_cls_token";
            case MAX -> "pooling_mode_max_tokens";
            default ->
                throw new IllegalArgumentException("pooling " + pooling
                        + " cannot be written for sentence-transformers: expected mean, weighted_mean, max,"
                        + " last_token or bos_token");
        };
    }

    private static void checkWidth(Path file, JsonNode pooling, Path transformer) {
        JsonNode width = pooling.path("word_embedding_dimension").isMissingNode()
                ? pooling.path("embedding_dimension")
                : pooling.path("word_embedding_dimension");
        JsonNode hidden = json(transformer.resolve("config.json"), false).path("hidden_size");
        if (!width.isMissingNode() && !hidden.isMissingNode() && width.asLong() != hidden.asLong()) {
            throw new BadCheckpointException(
                    file, "pools vectors of " + width + " dimensions, the model's have " + hidden);
        }
    }

    /** Tokens in all: what the package is told, or else what the tokenizer and the model are made for. */
    private static int maxLength(Path transformer) {
        Path file = transformer.resolve("sentence_bert_config.json");
        JsonNode own = json(file, false);
        if (own.path("do_lower_case").asBoolean(false)) {
            throw new BadCheckpointException(file, "do_lower_case is not supported");
        }
        double length = Stream.of(
                        own.path("max_seq_length"),
                        json(transformer.resolve("tokenizer_config.json"), false)
                                .path("model_max_length"),
                        json(transformer.resolve("config.json"), false).path("max_position_embeddings"))
                .filter(JsonNode::isNumber)
                .mapToDouble(JsonNode::asDouble) // "no limit" is 1e30
                .filter(most -> most >= 2)
                .min()
                .orElse(EncoderConfig.DEFAULT.maxLength());
        return (int) Math.min(length, 1 << 20);
    }

    /** What says that a model attends to all tokens: its config.json, or that llm2vec wrote it. */
    private static boolean isCausal(Path transformer) {
        JsonNode config = json(transformer.resolve("config.json"), false);
        if (config.path("is_causal").isBoolean()) {
            return config.path("is_causal").asBoolean();
        }
        boolean written = Stream.of("llm2vec_config.json", "llm2vec4j.json")
                .anyMatch(name -> Files.exists(transformer.resolve(name)));
        return !written && !config.path("use_bidirectional_attention").asBoolean(false);
    }

    /** As the package pools: without a prompt there is none to leave out, and the first token counts. */
    PreparedText pooled(Instruction instruction, PreparedText text) {
        return ours || !instruction.isEmpty() ? text : new PreparedText(text.ids(), 0, text.poolTo(), text.truncated());
    }

    private static JsonNode json(Path file, boolean needed) {
        if (!needed && !Files.isRegularFile(file)) {
            return new JsonMapper().createObjectNode();
        }
        try {
            return new JsonMapper().readTree(file.toFile());
        } catch (java.io.FileNotFoundException e) {
            throw new BadCheckpointException(file, "is missing", e);
        } catch (IOException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        }
    }
}
