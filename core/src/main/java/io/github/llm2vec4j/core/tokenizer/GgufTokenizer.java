package io.github.llm2vec4j.core.tokenizer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.GgufFile;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.hub.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer in a GGUF file's metadata as {@code tokenizer.json} and {@code tokenizer_config.json}. Two kinds are
 * known: {@code gpt2}, a byte-level BPE, where the way texts are first split is one of those in {@link #SPLITS}; and
 * {@code llama}, SentencePiece's BPE, whose merges follow from the scores.
 */
final class GgufTokenizer {
    private static final String KEY = "tokenizer.ggml.";
    private static final String REMEDY =
            ": put the model's own tokenizer.json and tokenizer_config.json beside the GGUF file";
    private static final JsonMapper JSON = new JsonMapper();

    /** By {@code tokenizer.ggml.pre}: the expression, or an empty text for that of GPT-2. */
    private static final Map<String, String> SPLITS = Map.of(
            "llama-bpe",
            KnownPatterns.named("llama-3"),
            "qwen2",
            KnownPatterns.named("qwen2"),
            "gpt-2",
            "",
            "smollm",
            "");

    private static final long NORMAL = 1;
    private static final long UNKNOWN = 2;
    private static final long CONTROL = 3;
    private static final long USER_DEFINED = 4;
    private static final long BYTE = 6;

    private final GgufFile file;
    private final List<String> tokens;
    private final List<Long> kinds;

    private GgufTokenizer(GgufFile file) {
        this.file = file;
        this.tokens = file.list(KEY + "tokens", String.class);
        List<Long> listed = file.list(KEY + "token_type", Long.class);
        this.kinds = listed.isEmpty() ? java.util.Collections.nCopies(tokens.size(), NORMAL) : listed;
        if (tokens.isEmpty() || kinds.size() != tokens.size()) {
            throw refused("the file holds " + tokens.size() + " tokens and the kinds of " + listed.size());
        }
    }

    /**
     * The folder with the tokenizer of a GGUF file: the one that the file is in where {@code tokenizer.json} is beside
     * it, else one in the cache.
     *
     * @throws BadCheckpointException if the file's tokenizer cannot be rebuilt
     */
    static Path folder(Path path) {
        Path beside = path.toAbsolutePath().getParent();
        if (beside != null && Files.isRegularFile(beside.resolve("tokenizer.json"))) {
            return beside;
        }
        try (GgufFile file = GgufFile.open(path)) {
            GgufTokenizer tokenizer = new GgufTokenizer(file);
            String json = JSON.writeValueAsString(tokenizer.json());
            String config = JSON.writeValueAsString(tokenizer.config());
            Path folder = CacheFolder.get()
                    .resolve("gguf-tokenizer-" + Sha256.ofText(json + config).substring(0, 16));
            if (!Files.isDirectory(folder)) {
                AtomicFiles.writeFolder(folder, made -> {
                    Files.writeString(made.resolve("tokenizer.json"), json);
                    Files.writeString(made.resolve("tokenizer_config.json"), config);
                });
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + ": its tokenizer cannot be written: " + e.getMessage()
                            + "; set LLM2VEC_CACHE to a folder that can be written",
                    e);
        }
    }

    private BadCheckpointException refused(String reason) {
        return new BadCheckpointException(
                file.source(), "no tokenizer can be made of its metadata: " + reason + REMEDY);
    }

    private ObjectNode json() {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        addedTokens(json.putArray("added_tokens"));
        String model = file.text(KEY + "model");
        switch (String.valueOf(model)) {
            case "gpt2" -> byteLevel(json);
            case "llama" -> sentencePiece(json);
            default -> throw refused(KEY + "model '" + model + "' is not supported, expected gpt2 or llama");
        }
        return json;
    }

    private void addedTokens(ArrayNode added) {
        for (int id = 0; id < tokens.size(); id++) {
            long kind = kinds.get(id);
            if (kind < NORMAL || kind > BYTE) {
                throw refused("token " + id + " is of kind " + kind + ", which is not known");
            }
            if (kind == CONTROL || kind == USER_DEFINED || kind == UNKNOWN) {
                ObjectNode token = added.addObject();
                token.put("id", id);
                token.put("content", tokens.get(id));
                token.put("single_word", false);
                token.put("lstrip", false);
                token.put("rstrip", false);
                token.put("normalized", false);
                token.put("special", kind != USER_DEFINED);
            }
        }
    }

    // ---- gpt2 ----

    private void byteLevel(ObjectNode json) {
        String pre = file.text(KEY + "pre");
        String split = pre == null ? null : SPLITS.get(pre);
        if (split == null) {
            throw refused(KEY + "pre '" + pre + "', how texts are first split, is not known");
        }
        json.set("normalizer", pre.equals("qwen2") ? typed("NFC") : null);
        ObjectNode steps = json.putObject("pre_tokenizer");
        steps.put("type", "Sequence");
        ArrayNode list = steps.putArray("pretokenizers");
        if (pre.equals("smollm")) {
            list.add(typed("Digits").put("individual_digits", true));
        }
        if (!split.isEmpty()) {
            ObjectNode step = list.addObject();
            step.put("type", "Split");
            step.putObject("pattern").put("Regex", split);
            step.put("behavior", "Isolated");
            step.put("invert", false);
        }
        list.add(byteLevel(split.isEmpty()));
        Boolean addsBos = file.flag(KEY + "add_bos_token");
        template(json, addsBos == null ? pre.equals("llama-bpe") : addsBos);
        json.set("decoder", byteLevel(true));
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        model.put("ignore_merges", pre.equals("llama-bpe"));
        model.put("byte_fallback", false);
        Set<String> known = vocabulary(model);
        ArrayNode merges = model.putArray("merges");
        for (String merge : file.list(KEY + "merges", String.class)) {
            int space = merge.indexOf(' ', 1);
            if (space < 0) {
                throw refused("merge '" + merge + "' is not a pair");
            }
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            if (!known.contains(left) || !known.contains(right) || !known.contains(left + right)) {
                throw refused("merge '" + merge + "' is not of tokens, or makes none");
            }
            merges.addArray().add(left).add(right);
        }
        if (merges.isEmpty()) {
            throw refused("there are no merges");
        }
    }

    private static ObjectNode byteLevel(boolean useRegex) {
        return typed("ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", useRegex);
    }

    private static ObjectNode typed(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    // ---- llama ----

    private void sentencePiece(ObjectNode json) {
        List<Double> scores = file.list(KEY + "scores", Double.class);
        if (scores.size() != tokens.size() || scores.stream().distinct().count() < 2) {
            throw refused("it has no scores, from which the merges follow");
        }
        ObjectNode normalizer = json.putObject("normalizer");
        normalizer.put("type", "Sequence");
        ArrayNode steps = normalizer.putArray("normalizers");
        boolean prefix = !Boolean.FALSE.equals(file.flag(KEY + "add_space_prefix"));
        if (prefix) {
            steps.add(typed("Prepend").put("prepend", "▁"));
        }
        steps.add(replace(" ", "▁"));
        json.putNull("pre_tokenizer");
        template(json, !Boolean.FALSE.equals(file.flag(KEY + "add_bos_token")));
        ObjectNode decoder = json.putObject("decoder");
        decoder.put("type", "Sequence");
        ArrayNode back = decoder.putArray("decoders");
        back.add(replace("▁", " "));
        back.add(typed("ByteFallback"));
        back.add(typed("Fuse"));
        if (prefix) {
            back.add(typed("Strip").put("content", " ").put("start", 1).put("stop", 0));
        }
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        Long unknown = file.integer(KEY + "unknown_token_id");
        if (unknown != null) {
            model.put("unk_token", token(unknown));
        }
        model.put("fuse_unk", true);
        model.put("byte_fallback", true);
        model.put("ignore_merges", false);
        vocabulary(model);
        ArrayNode merges = model.putArray("merges");
        merges(scores).forEach(pair -> merges.addArray().add(pair[0]).add(pair[1]));
    }

    private static ObjectNode replace(String from, String to) {
        ObjectNode step = typed("Replace");
        step.putObject("pattern").put("String", from);
        return step.put("content", to);
    }

    /** Every way to make a token of two others, that of the highest score first, as SentencePiece merges. */
    private List<String[]> merges(List<Double> scores) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds.get(id) == NORMAL) {
                ids.put(tokens.get(id), id);
            }
        }
        record Merge(String left, String right, double score, int leftId, int rightId) {}
        List<Merge> merges = new ArrayList<>();
        ids.forEach((token, id) -> {
            for (int at = token.offsetByCodePoints(0, 1); at < token.length(); at = token.offsetByCodePoints(at, 1)) {
                Integer left = ids.get(token.substring(0, at));
                Integer right = ids.get(token.substring(at));
                if (left != null && right != null) {
                    merges.add(new Merge(token.substring(0, at), token.substring(at), scores.get(id), left, right));
                }
            }
        });
        merges.sort(Comparator.comparingDouble((Merge merge) -> -merge.score)
                .thenComparingInt(merge -> -merge.left.codePointCount(0, merge.left.length()))
                .thenComparingInt(merge -> -merge.right.codePointCount(0, merge.right.length()))
                .thenComparingInt(Merge::leftId)
                .thenComparingInt(Merge::rightId));
        return merges.stream()
                .map(merge -> new String[] {merge.left, merge.right})
                .toList();
    }

    // ---- both ----

    /** Writes all tokens, those that are added too, since the library numbers what is not among them anew. */
    private Set<String> vocabulary(ObjectNode model) {
        ObjectNode vocabulary = model.putObject("vocab");
        Set<String> known = new HashSet<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (!known.add(tokens.get(id))) {
                throw refused("token '" + tokens.get(id) + "' is there twice");
            }
            vocabulary.put(tokens.get(id), id);
        }
        return known;
    }

    private void template(ObjectNode json, boolean bos) {
        boolean eos = Boolean.TRUE.equals(file.flag(KEY + "add_eos_token"));
        if (!bos && !eos) {
            json.putNull("post_processor");
            return;
        }
        ObjectNode template = json.putObject("post_processor");
        template.put("type", "TemplateProcessing");
        ObjectNode special = JSON.createObjectNode();
        for (int sequences = 1; sequences <= 2; sequences++) {
            ArrayNode parts = template.putArray(sequences == 1 ? "single" : "pair");
            for (int part = 0; part < sequences; part++) {
                if (bos) {
                    special(parts, special, "bos_token_id", part);
                }
                parts.addObject()
                        .putObject("Sequence")
                        .put("id", part == 0 ? "A" : "B")
                        .put("type_id", part);
                if (eos) {
                    special(parts, special, "eos_token_id", part);
                }
            }
        }
        template.set("special_tokens", special);
    }

    private void special(ArrayNode parts, ObjectNode special, String role, int part) {
        Long id = file.integer(KEY + role);
        if (id == null) {
            throw refused(KEY + role + " is missing");
        }
        String token = token(id);
        parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", part);
        ObjectNode entry = special.putObject(token);
        entry.put("id", token);
        entry.putArray("ids").add(id);
        entry.putArray("tokens").add(token);
    }

    private String token(long id) {
        if (id < 0 || id >= tokens.size()) {
            throw refused("there is no token " + id);
        }
        return tokens.get((int) id);
    }

    private ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        role(config, "bos_token", "bos_token_id");
        role(config, "eos_token", "eos_token_id");
        role(config, "pad_token", "padding_token_id");
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        @Nullable String template = file.text("tokenizer.chat_template");
        if (template != null) {
            config.put("chat_template", template);
        }
        return config;
    }

    private void role(ObjectNode config, String role, String key) {
        Long id = file.integer(KEY + key);
        if (id != null) {
            config.put(role, token(id));
        }
    }
}
