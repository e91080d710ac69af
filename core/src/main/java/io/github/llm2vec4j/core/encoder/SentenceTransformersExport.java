package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.model.StoredModel;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a folder of sentence-transformers of a merged model: adds {@code modules.json} and what the modules need. The
 * pooling is written with one flag for each mode, which all versions read.
 */
final class SentenceTransformersExport {
    private static final String CODE = "llm2vec_transformer.py";
    private static final String PACKAGE = "sentence_transformers.models.";

    private SentenceTransformersExport() {}

    /**
     * @throws IllegalArgumentException if the package cannot encode as the model does
     */
    static void check(ModelChain chain) {
        SentenceTransformersFolder.flag(chain.config().pooling());
        if (!chain.template().equals(Template.NONE)) {
            throw new IllegalArgumentException(chain.last()
                    + ": sets texts in a template, which a folder of sentence-transformers cannot say: use --format"
                    + " merged, or remove \"template\" from its llm2vec4j.json");
        }
    }

    static void write(ModelChain chain, Path folder) throws IOException {
        EncoderConfig config = chain.config();
        String transformer = chain.causal() ? PACKAGE + "Transformer" : SentenceTransformersFolder.OWN_TRANSFORMER;
        modules(
                folder,
                transformer,
                chain.wrapping() != null && chain.wrapping().normalised());
        pooling(folder, config);
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            int added = tokenizer.encode("", true).length();
            tokenizer(folder, tokenizer, Math.min(config.maxLength(), config.docMaxLength() + added));
        }
        ObjectNode prompts = chain.prompts().toJson();
        prompts.put("similarity_fn_name", "cosine");
        write(folder.resolve(Prompts.FILE), prompts);
        if (!chain.causal()) {
            code(folder, !config.skipInstruction());
        }
    }

    private static void modules(Path folder, String transformer, boolean normalised) throws IOException {
        StringBuilder list = new StringBuilder("[\n");
        list.append(module(0, "", transformer)).append(",\n");
        list.append(module(1, "1_Pooling", PACKAGE + "Pooling"));
        if (normalised) {
            list.append(",\n").append(module(2, "2_Normalize", PACKAGE + "Normalize"));
            Files.createDirectory(folder.resolve("2_Normalize"));
        }
        AtomicFiles.writeString(
                folder.resolve(SentenceTransformersFolder.MODULES),
                list.append("\n]\n").toString());
    }

    private static ObjectNode module(int index, String path, String type) {
        ObjectNode module = new JsonMapper().createObjectNode();
        module.put("idx", index);
        module.put("name", String.valueOf(index));
        module.put("path", path);
        module.put("type", type);
        return module;
    }

    private static void pooling(Path folder, EncoderConfig config) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        try (StoredModel stored = StoredModel.open(folder)) {
            json.put("word_embedding_dimension", stored.config().hiddenSize());
        }
        for (Pooling mode : Pooling.values()) {
            if (mode != Pooling.EOS_TOKEN) {
                json.put(SentenceTransformersFolder.flag(mode), mode == config.pooling());
            }
        }
        json.put("pooling_mode_mean_sqrt_len_tokens", false);
        json.put("include_prompt", !config.skipInstruction());
        write(folder.resolve("1_Pooling").resolve("config.json"), json);
    }

    /** The package pads on the right: its weighted mean counts the columns, its first token is that of the first. */
    private static void tokenizer(Path folder, Tokenizer tokenizer, int maxLength) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("max_seq_length", maxLength);
        json.put("do_lower_case", false);
        write(folder.resolve("sentence_bert_config.json"), json);
        Path file = folder.resolve("tokenizer_config.json");
        ObjectNode config = Files.exists(file)
                ? (ObjectNode) new JsonMapper().readTree(file.toFile())
                : new JsonMapper().createObjectNode();
        if (!config.hasNonNull("pad_token")) {
            config.put("pad_token", tokenizer.decode(new int[] {tokenizer.padId()}, false));
        }
        if (!config.hasNonNull("eos_token")) {
            config.put("eos_token", tokenizer.decode(new int[] {tokenizer.eosId()}, false));
        }
        config.put("padding_side", "right");
        config.put("truncation_side", "right");
        config.put("model_max_length", maxLength);
        write(file, config);
    }

    private static void code(Path folder, boolean poolFirst) throws IOException {
        try (InputStream in = SentenceTransformersExport.class.getResourceAsStream(CODE)) {
            if (in == null) {
                throw new IOException(CODE + " is not in the jar");
            }
            String code = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String settled =
                    code.replace("POOL_FIRST_TOKEN = False", "POOL_FIRST_TOKEN = " + (poolFirst ? "True" : "False"));
            AtomicFiles.writeString(folder.resolve(CODE), settled);
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        AtomicFiles.writeString(file, json.toPrettyString() + "\n");
    }
}
