package io.github.llm2vec4j.core.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.GgufFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokenizer of a model folder. May be used by several threads at once. */
public final class Tokenizer implements AutoCloseable {
    private static final List<String> FILES =
            List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model");
    private static final JsonMapper JSON = new JsonMapper();

    static {
        // Unless told not to, the library asks the network whether it runs in Amazon's cloud, and reports there if so.
        if (System.getProperty("OPT_OUT_TRACKING") == null) {
            System.setProperty("OPT_OUT_TRACKING", "true");
        }
        // Where there is a GPU it would download another native library than the one in its jar.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
    }

    private final Path folder;
    private final HuggingFaceTokenizer delegate;
    private final Map<String, Integer> ids;
    private final String kind;
    private final @Nullable Integer bosId;
    private final int eosId;

    private Tokenizer(
            Path folder,
            HuggingFaceTokenizer delegate,
            Map<String, Integer> ids,
            String kind,
            @Nullable Integer bosId,
            int eosId) {
        this.folder = folder;
        this.kind = kind;
        this.delegate = delegate;
        this.ids = ids;
        this.bosId = bosId;
        this.eosId = eosId;
    }

    /**
     * Loads {@code tokenizer.json} and {@code tokenizer_config.json} of a model folder, or the tokenizer of a GGUF file.
     *
     * @throws BadCheckpointException if they are missing or not valid
     */
    public static Tokenizer load(Path model) {
        Path folder = GgufFile.isGguf(model) ? GgufTokenizer.folder(model) : model;
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new BadCheckpointException(
                    folder,
                    "has no tokenizer.json: copy the tokenizer files of the base model into it (a tokenizer.model alone"
                            + " can be converted with AutoTokenizer.from_pretrained(…).save_pretrained(…) in Python)");
        }
        try {
            TokenizerJson json = TokenizerJson.read(file);
            Map<String, Integer> ids = json.ids();
            JsonNode config = optional(folder.resolve("tokenizer_config.json"));
            JsonNode special = optional(folder.resolve("special_tokens_map.json"));
            Integer eos = role("eos_token", config, special, ids);
            if (eos == null) {
                throw new BadCheckpointException(
                        folder, "tokenizer_config.json names no eos_token that is in tokenizer.json");
            }
            String kind = json.root().path("model").path("type").asText("BPE");
            Integer bos = role("bos_token", config, special, ids);
            return new Tokenizer(folder, library(json.bytes()), ids, kind, bos, eos);
        } catch (IOException e) {
            throw new BadCheckpointException(file, "cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            if (e instanceof BadCheckpointException) {
                throw e;
            }
            throw new BadCheckpointException(file, "is not a valid tokenizer: " + e.getMessage(), e);
        }
    }

    /** The native library's tokenizer of a file that has been checked: one that was not can end the JVM. */
    static HuggingFaceTokenizer library(byte[] json) throws IOException {
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json), Map.of("padding", "false", "truncation", "false"));
    }

    private static JsonNode optional(Path file) {
        try {
            return Files.isRegularFile(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
        } catch (IOException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getMessage(), e);
        }
    }

    private static @Nullable Integer role(String key, JsonNode config, JsonNode special, Map<String, Integer> ids) {
        for (JsonNode source : List.of(config, special)) {
            JsonNode node = source.path(key);
            String content = node.isObject() ? node.path("content").asText() : node.asText("");
            if (ids.containsKey(content)) {
                return ids.get(content);
            }
        }
        return null;
    }

    /** Tokenises a text; {@code addSpecialTokens} adds what the model was trained with, as a first {@code <s>}. */
    public Tokens encode(String text, boolean addSpecialTokens) {
        Encoding encoding = delegate.encode(WellFormed.of(text), addSpecialTokens, false);
        long[] wide = encoding.getIds();
        CharSpan[] spans = encoding.getCharTokenSpans();
        int[] utf16 = utf16Index(text);
        int[] tokenIds = new int[wide.length];
        int[] starts = new int[wide.length];
        int[] ends = new int[wide.length];
        int last = 0;
        for (int i = 0; i < wide.length; i++) {
            tokenIds[i] = Math.toIntExact(wide[i]);
            if (spans[i] == null) {
                starts[i] = ends[i] = last;
            } else {
                starts[i] = utf16[spans[i].getStart()];
                ends[i] = last = utf16[spans[i].getEnd()];
            }
        }
        return new Tokens(tokenIds, starts, ends);
    }

    /** The UTF-16 index of each code point, and of the end. */
    private static int[] utf16Index(String text) {
        int[] index = new int[text.codePointCount(0, text.length()) + 1];
        int position = 0;
        for (int i = 0; i < index.length - 1; i++) {
            index[i] = position;
            position += Character.charCount(text.codePointAt(position));
        }
        index[index.length - 1] = position;
        return index;
    }

    /** The text of token ids. */
    public String decode(int[] tokenIds, boolean skipSpecialTokens) {
        return delegate.decode(Arrays.stream(tokenIds).asLongStream().toArray(), skipSpecialTokens);
    }

    /** The algorithm, for instance {@code BPE}. */
    public String kind() {
        return kind;
    }

    /** The id of a token, or null if the vocabulary lacks it. */
    public @Nullable Integer idOf(String token) {
        return ids.get(token);
    }

    /** One more than the largest id. */
    public int vocabSize() {
        return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    }

    /** The token that begins a sequence, or null if the model has none. */
    public @Nullable Integer bosId() {
        return bosId;
    }

    public int eosId() {
        return eosId;
    }

    /** The token that fills short rows: always the one that ends a sequence, as in the reference. */
    public int padId() {
        return eosId;
    }

    /** The files of this tokenizer that a model folder needs. */
    public List<Path> files() {
        List<Path> present = new ArrayList<>();
        for (String name : FILES) {
            if (Files.isRegularFile(folder.resolve(name))) {
                present.add(folder.resolve(name));
            }
        }
        return present;
    }

    /** Copies the tokenizer files into another folder. */
    public void copyTo(Path target) throws IOException {
        for (Path file : files()) {
            Files.copy(file, target.resolve(file.getFileName()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() {
        delegate.close();
    }
}
