package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.hub.ModelDigest;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.StoredModel;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a model is, from its files: no weight is loaded, but the files are read for their checksums.
 *
 * @param json all facts, the keys in snake case, sizes in bytes
 */
public record ModelInspection(ObjectNode json) {

    /**
     * Looks at a model.
     *
     * @throws io.github.llm2vec4j.core.checkpoint.BadCheckpointException if a file is missing or damaged
     */
    public static ModelInspection of(ModelChain chain) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        try (StoredModel stored = StoredModel.open(chain.base())) {
            decoder(json, stored);
        }
        ObjectNode base = json.putObject("base");
        base.put("path", chain.base().toString());
        base.put("sha256", ModelDigest.of(chain.base()));
        json.putArray("adapters");
        for (Path adapter : chain.adapters()) {
            LoraConfig config = LoraConfig.read(adapter);
            ObjectNode node = json.withArray("adapters").addObject();
            node.put("path", adapter.toString());
            node.put("sha256", ModelDigest.of(adapter));
            node.put("rank", config.rank());
            node.put("alpha", config.alpha());
            node.put("use_rslora", config.rankStabilized());
            node.put("use_dora", config.decomposed());
            config.targetModules().forEach(node.putArray("target_modules")::add);
        }
        tokenizer(json.putObject("tokenizer"), chain.tokenizerFolder());
        encoding(json.putObject("encoding"), chain);
        files(json, chain);
        return new ModelInspection(json);
    }

    private static void decoder(ObjectNode json, StoredModel stored) {
        DecoderConfig config = stored.config();
        json.put("family", config.modelType());
        json.put("layers", config.layers());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.intermediateSize());
        json.put("heads", config.heads());
        json.put("key_value_heads", config.kvHeads());
        json.put("head_dim", config.headDim());
        json.put("vocab_size", config.vocabSize());
        json.put("positions", stored.json().path("max_position_embeddings").asLong(0));
        json.put("output_head", config.tieWordEmbeddings() ? "tied" : stored.hasHead() ? "own" : "none");
        json.put("parameters", stored.parameterCount());
        json.put("stored_type", stored.storedType());
    }

    private static void tokenizer(ObjectNode json, Path folder) throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            json.put("path", folder.toString());
            json.put("kind", tokenizer.kind());
            json.put("vocab_size", tokenizer.vocabSize());
            token(json, "bos", tokenizer, tokenizer.bosId());
            token(json, "eos", tokenizer, tokenizer.eosId());
            for (int id : tokenizer.encode("", true).ids()) {
                json.withArray("adds").add(tokenizer.decode(new int[] {id}, false));
            }
            json.withArray("adds");
        }
    }

    private static void token(
            ObjectNode json, String role, Tokenizer tokenizer, @org.jspecify.annotations.Nullable Integer id) {
        if (id == null) {
            json.putNull(role);
            return;
        }
        ObjectNode node = json.putObject(role);
        node.put("id", id);
        node.put("text", tokenizer.decode(new int[] {id}, false));
    }

    private static void encoding(ObjectNode json, ModelChain chain) {
        EncoderConfig config = chain.config();
        json.put("pooling", config.pooling().toString());
        json.put("max_length", config.maxLength());
        json.put("doc_max_length", config.docMaxLength());
        json.put("skip_instruction", config.skipInstruction());
        json.put("attention", chain.causal() ? "causal" : "bidirectional");
        json.put("normalised", chain.wrapping() != null && chain.wrapping().normalised());
    }

    private static void files(ObjectNode json, ModelChain chain) throws IOException {
        Set<Path> folders = new LinkedHashSet<>(List.of(chain.base()));
        folders.addAll(chain.adapters());
        if (chain.wrapping() != null) {
            folders.add(chain.wrapping().root());
        }
        json.putArray("files");
        for (Path folder : folders) {
            List<Path> inside = List.of(folder);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> list = Files.list(folder)) {
                    inside = list.filter(Files::isRegularFile).sorted().toList();
                }
            }
            for (Path file : inside) {
                ObjectNode node = json.withArray("files").addObject();
                node.put("path", file.toString());
                node.put("bytes", Files.size(file));
            }
        }
    }

    /** The same on one screen. */
    public String toText() {
        List<String> lines = new ArrayList<>();
        line(
                lines,
                "family",
                "%s, %s parameters, stored as %s",
                text("family"),
                millions(json.path("parameters").asLong()),
                text("stored_type"));
        line(
                lines,
                "shape",
                "%s layers, hidden %s, feed-forward %s, %s heads of %s (%s for keys and values)",
                text("layers"),
                text("hidden_size"),
                text("intermediate_size"),
                text("heads"),
                text("head_dim"),
                text("key_value_heads"));
        line(
                lines,
                "vocabulary",
                "%s, positions %s, output head %s",
                text("vocab_size"),
                text("positions").equals("0") ? "not stated" : text("positions"),
                text("output_head"));
        part(lines, "base", json.path("base"));
        for (JsonNode adapter : json.path("adapters")) {
            part(lines, "adapter", adapter);
            line(
                    lines,
                    "",
                    "LoRA r %s, alpha %s on %s",
                    adapter.path("rank").asText(),
                    adapter.path("alpha").asText().replaceFirst("\\.0$", ""),
                    texts(adapter.path("target_modules")));
        }
        JsonNode tokenizer = json.path("tokenizer");
        line(
                lines,
                "tokenizer",
                "%s, %s entries, bos %s, eos %s, adds %s",
                tokenizer.path("kind").asText(),
                tokenizer.path("vocab_size").asText(),
                token(tokenizer.path("bos")),
                token(tokenizer.path("eos")),
                tokenizer.path("adds").isEmpty() ? "nothing" : texts(tokenizer.path("adds")));
        JsonNode encoding = json.path("encoding");
        List<String> settings = new ArrayList<>();
        encoding.properties()
                .forEach(setting -> settings.add(setting.getKey().replace('_', ' ') + " "
                        + setting.getValue().asText()));
        line(lines, "encoding", "%s", String.join(", ", settings));
        String label = "files";
        for (JsonNode file : json.path("files")) {
            line(
                    lines,
                    label,
                    "%s  %s",
                    String.format(Locale.ROOT, "%,14d", file.path("bytes").asLong()),
                    file.path("path").asText());
            label = "";
        }
        return String.join("\n", lines) + "\n";
    }

    private static void part(List<String> lines, String label, JsonNode part) {
        line(lines, label, "%s", part.path("path").asText());
        line(lines, "", "sha256 %s", part.path("sha256").asText());
    }

    private static void line(List<String> lines, String label, String format, Object... values) {
        lines.add(String.format(Locale.ROOT, "%-12s", label) + String.format(Locale.ROOT, format, values));
    }

    private String text(String key) {
        return json.path(key).asText();
    }

    private static String texts(JsonNode array) {
        return Stream.iterate(0, i -> i < array.size(), i -> i + 1)
                .map(i -> array.get(i).asText())
                .collect(Collectors.joining(" "));
    }

    private static String token(JsonNode token) {
        return token.isNull() ? "none" : token.path("text").asText() + " (" + token.path("id") + ")";
    }

    private static String millions(long count) {
        return count >= 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f billion", count / 1e9)
                : count >= 1_000_000 ? String.format(Locale.ROOT, "%.1f million", count / 1e6) : String.valueOf(count);
    }
}
