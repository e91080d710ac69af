package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.GgufFile;
import io.github.llm2vec4j.core.checkpoint.Weights;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a GGUF file under the names and in the layout of transformers, and its metadata as a config.json. The
 * format knows Mistral's models as {@code llama}.
 */
final class GgufWeights implements Weights {
    private static final String ROPE_FACTORS = "rope_freqs.weight";
    private static final Pattern IN_BLOCK = Pattern.compile("blk\\.(\\d{1,5})\\.([a-z_]+)\\.(weight|bias)");
    private static final Map<String, String> OUTER = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");
    private static final Map<String, String> PARTS = Map.ofEntries(
            Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_q_norm", "self_attn.q_norm"),
            Map.entry("attn_k_norm", "self_attn.k_norm"),
            Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("ffn_norm", "post_attention_layernorm"),
            Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"),
            Map.entry("ffn_down", "mlp.down_proj"));

    private final GgufFile file;
    private final String architecture;
    private final Map<String, String> stored; // by the name in transformers

    private GgufWeights(GgufFile file, String architecture, Map<String, String> stored) {
        this.file = file;
        this.architecture = architecture;
        this.stored = stored;
    }

    /**
     * Opens a file and reads its metadata.
     *
     * @throws BadCheckpointException if it is damaged, or holds a model of another architecture
     */
    static StoredModel open(Path path) {
        GgufFile file = GgufFile.open(path);
        try {
            String architecture = file.text("general.architecture");
            if (architecture == null
                    || !List.of("llama", "qwen2", "qwen3", "gemma").contains(architecture)) {
                throw new BadCheckpointException(
                        path,
                        "architecture '" + architecture
                                + "' is not supported: expected llama (Mistral's models too), qwen2, qwen3 or gemma");
            }
            GgufWeights weights = new GgufWeights(file, architecture, names(file));
            ObjectNode json = weights.config();
            DecoderConfig config = DecoderConfig.of(json);
            weights.refuseLeftOver(config);
            return new StoredModel(config, json, weights);
        } catch (IllegalArgumentException e) {
            file.close();
            throw new BadCheckpointException(path, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Map<String, String> names(GgufFile file) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : file.names()) {
            Matcher inBlock = IN_BLOCK.matcher(name);
            if (OUTER.containsKey(name)) {
                names.put(OUTER.get(name), name);
            } else if (inBlock.matches() && PARTS.containsKey(inBlock.group(2))) {
                names.put(
                        "model.layers." + Integer.parseInt(inBlock.group(1)) + "." + PARTS.get(inBlock.group(2)) + "."
                                + inBlock.group(3),
                        name);
            } else if (!name.equals(ROPE_FACTORS)) {
                throw new BadCheckpointException(
                        file.source(), "tensor '" + name + "': is of a kind of model that is not supported");
            }
        }
        return names;
    }

    private void refuseLeftOver(DecoderConfig config) {
        Set<String> unread = new TreeSet<>(stored.keySet());
        unread.removeAll(Decoder.randomWeights(config, 0, DType.F32).keySet());
        if (!unread.isEmpty()) {
            throw new BadCheckpointException(
                    file.source(),
                    "tensor '" + stored.get(unread.iterator().next()) + "' (" + unread.size()
                            + " in all) has no place in a model of family " + config.modelType());
        }
    }

    // ---- metadata ----

    private ObjectNode config() {
        ObjectNode json = new JsonMapper().createObjectNode();
        boolean windowed = file.hasValue(key("attention.sliding_window"));
        json.put("model_type", architecture.equals("llama") && windowed ? "mistral" : architecture);
        json.put("vocab_size", shape("model.embed_tokens.weight")[0]);
        long hidden = integer("embedding_length");
        long heads = integer("attention.head_count");
        json.put("hidden_size", hidden);
        json.put("intermediate_size", integer("feed_forward_length"));
        json.put("num_hidden_layers", integer("block_count"));
        json.put("num_attention_heads", heads);
        json.put("num_key_value_heads", or("attention.head_count_kv", heads));
        long headDim = or("attention.key_length", heads < 1 ? 1 : hidden / heads);
        json.put("head_dim", headDim);
        json.put("max_position_embeddings", or("context_length", 0));
        json.put("rms_norm_eps", number("attention.layer_norm_rms_epsilon", 1e-6));
        json.put("rope_theta", number("rope.freq_base", 10_000));
        json.put("tie_word_embeddings", !has("lm_head.weight"));
        if (windowed && !architecture.startsWith("qwen")) {
            json.put("sliding_window", integer("attention.sliding_window"));
        }
        refuseUnless("attention.value_length", headDim);
        refuseUnless("rope.dimension_count", headDim);
        refuseUnless("rope.scale_linear", 1);
        refuseUnless("expert_count", 0);
        scaling(json, headDim);
        token(json, "bos_token_id");
        token(json, "eos_token_id");
        return json;
    }

    private void scaling(ObjectNode json, long headDim) {
        String type = file.text(key("rope.scaling.type"));
        if (type != null && type.equals("linear")) {
            ObjectNode scaling = json.putObject("rope_scaling");
            scaling.put("rope_type", "linear");
            scaling.put("factor", number("rope.scaling.factor", 1));
        } else if (type != null && !type.equals("none")) {
            throw new IllegalArgumentException(
                    key("rope.scaling.type") + " '" + type + "' is not supported: expected none or linear");
        }
        if (file.has(ROPE_FACTORS)) {
            json.set("rope_scaling", llama3(json.path("rope_theta").asDouble(), headDim));
        }
    }

    /**
     * The settings of Llama 3's scaling. The file holds what they lead to: by how much each frequency is divided; the
     * published models share all settings but the factor, which is the largest of these.
     */
    private ObjectNode llama3(double theta, long headDim) {
        float[] factors;
        try (Scope scope = Scope.open()) {
            factors = file.tensor(ROPE_FACTORS).toFloats();
        }
        double factor = 1;
        for (float each : factors) {
            factor = Math.max(factor, each);
        }
        RopeScaling scaling = new RopeScaling("llama3", factor, 1, 4, 8192);
        for (int i = 0; i < factors.length; i++) {
            double frequency = Math.pow(theta, -2.0 * i / headDim);
            double expected = frequency / scaling.apply(frequency);
            if (factors.length != headDim / 2 || !(Math.abs(expected - factors[i]) < 1e-3 * expected)) {
                throw new IllegalArgumentException("tensor '" + ROPE_FACTORS + "': these are not the frequencies of a"
                        + " Llama 3 model: use the model in safetensors, whose config.json says what they are");
            }
        }
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("rope_type", "llama3");
        json.put("factor", factor);
        json.put("low_freq_factor", 1.0);
        json.put("high_freq_factor", 4.0);
        json.put("original_max_position_embeddings", 8192);
        return json;
    }

    private void token(ObjectNode json, String key) {
        Long id = file.integer("tokenizer.ggml." + key);
        if (id != null) {
            json.put(key, id);
        }
    }

    private String key(String rest) {
        return architecture + "." + rest;
    }

    private long integer(String rest) {
        Long value = file.integer(key(rest));
        if (value == null) {
            throw new IllegalArgumentException("metadata '" + key(rest) + "' is missing");
        }
        return value;
    }

    private long or(String rest, long otherwise) {
        Long value = file.integer(key(rest));
        return value == null ? otherwise : value;
    }

    private double number(String rest, double otherwise) {
        @Nullable Double value = file.number(key(rest));
        return value == null ? otherwise : value;
    }

    private void refuseUnless(String rest, double expected) {
        if (number(rest, expected) != expected) {
            throw new IllegalArgumentException(
                    key(rest) + " " + number(rest, expected) + " is not supported: expected " + expected);
        }
    }

    // ---- weights ----

    @Override
    public Path source() {
        return file.source();
    }

    @Override
    public List<Path> files() {
        return file.files();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(stored.keySet());
    }

    @Override
    public long[] shape(String name) {
        return file.shape(storedName(name));
    }

    @Override
    public String storedType(String name) {
        return file.storedType(storedName(name));
    }

    @Override
    public Tensor tensor(String name) {
        Tensor tensor = file.tensor(storedName(name));
        if (architecture.equals("llama") && name.contains(".self_attn.q_proj.")) {
            return halvesApart(tensor, integer("attention.head_count"));
        }
        if (architecture.equals("llama") && name.contains(".self_attn.k_proj.")) {
            return halvesApart(tensor, or("attention.head_count_kv", integer("attention.head_count")));
        }
        // What the file multiplies by is the weight; transformers adds the 1.
        return architecture.equals("gemma") && name.endsWith("norm.weight") ? tensor.add(-1) : tensor;
    }

    @Override
    public void release(String name) {
        file.release(storedName(name));
    }

    /** Undoes the order of rows in which a rotation turns neighbours: the first halves of all pairs, then the second. */
    private static Tensor halvesApart(Tensor tensor, long heads) {
        long rows = tensor.size(0);
        long columns = tensor.size(1);
        return tensor.reshape(heads, rows / heads / 2, 2, columns)
                .transpose(1, 2)
                .reshape(rows, columns);
    }

    private String storedName(String name) {
        String found = stored.get(name);
        if (found == null) {
            throw new BadCheckpointException(file.source(), "has no tensor for '" + name + "'");
        }
        return found;
    }

    @Override
    public void close() {
        file.close();
    }
}
