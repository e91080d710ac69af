package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A config.json, or an object in one, read key by key. A key that asks for something and that nobody has read is
 * refused in the end, since the model would answer otherwise than its makers meant. A key that is null asks for nothing.
 */
final class ConfigJson {
    /** Keys of any family that change nothing in what is computed here. */
    private static final Set<String> HARMLESS = Set.of(
            // where the model comes from
            "_name_or_path",
            "architectures",
            "auto_map",
            "transformers_version",
            "unsloth_fixed",
            "unsloth_version",
            // the types of weights are in their files
            "dtype",
            "torch_dtype",
            // the ids of special tokens are the tokenizer's
            "bos_token_id",
            "eos_token_id",
            "pad_token_id",
            // generation, and how the Python package computes the same
            "_attn_implementation",
            "_attn_implementation_autoset",
            "cache_implementation",
            "chunk_size_feed_forward",
            "max_position_embeddings",
            "output_attentions",
            "output_hidden_states",
            "pretraining_tp",
            "return_dict",
            "use_cache",
            // encoders attend to all tokens here, unless told otherwise
            "is_causal",
            "use_bidirectional_attention",
            // training
            "attention_dropout",
            "initializer_range",
            // classifiers
            "id2label",
            "label2id",
            "problem_type");

    private final String path;
    private final JsonNode json;
    private final Set<String> read = new HashSet<>();

    private ConfigJson(String path, JsonNode json) {
        this.path = path;
        this.json = json;
    }

    static ConfigJson of(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("expected an object, found " + json.getNodeType());
        }
        return new ConfigJson("", json);
    }

    /** The name of a key from the root of the file. */
    String path(String key) {
        return path + key;
    }

    boolean has(String key) {
        read.add(key);
        return json.hasNonNull(key);
    }

    private JsonNode get(String key) {
        return has(key) ? json.get(key) : MissingNode.getInstance();
    }

    int integer(String key, int least, int most) {
        JsonNode node = get(key);
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
            throw wrong(key, "an integer from " + least + " to " + most, node);
        }
        return node.intValue();
    }

    int integer(String key, int byDefault, int least, int most) {
        return has(key) ? integer(key, least, most) : byDefault;
    }

    /** A positive number. */
    double number(String key) {
        JsonNode node = get(key);
        if (!node.isNumber() || !(node.doubleValue() > 0) || Double.isInfinite(node.doubleValue())) {
            throw wrong(key, "a number above 0", node);
        }
        return node.doubleValue();
    }

    double number(String key, double byDefault) {
        return has(key) ? number(key) : byDefault;
    }

    /** A positive number, or 0 for null; the key must be there, since its absence means another number elsewhere. */
    double numberOrNull(String key) {
        if (!json.has(key)) {
            throw wrong(key, "a number or null", MissingNode.getInstance());
        }
        return number(key, 0);
    }

    boolean flag(String key, boolean byDefault) {
        JsonNode node = get(key);
        if (!node.isBoolean() && !node.isMissingNode()) {
            throw wrong(key, "true or false", node);
        }
        return node.asBoolean(byDefault);
    }

    String text(String key, String byDefault) {
        JsonNode node = get(key);
        if (!node.isTextual() && !node.isMissingNode()) {
            throw wrong(key, "a string", node);
        }
        return node.asText(byDefault);
    }

    List<String> texts(String key) {
        JsonNode node = get(key);
        List<String> texts = new ArrayList<>();
        for (JsonNode element : node) {
            if (!element.isTextual()) {
                throw wrong(key, "a list of strings", node);
            }
            texts.add(element.asText());
        }
        if (!node.isArray()) {
            throw wrong(key, "a list of strings", node);
        }
        return texts;
    }

    ConfigJson object(String key) {
        JsonNode node = get(key);
        if (!node.isObject()) {
            throw wrong(key, "an object", node);
        }
        return new ConfigJson(path(key) + ".", node);
    }

    /** Refuses features that are switched on. */
    void refuseUnlessOff(String... keys) {
        for (String key : keys) {
            if (flag(key, false)) {
                throw new IllegalArgumentException(path(key) + ": true is not supported, expected false");
            }
        }
    }

    /** Refuses a key that has a value other than this. */
    void refuseUnless(String key, double value) {
        if (has(key) && number(key) != value) {
            throw new IllegalArgumentException(
                    path(key) + ": " + json.get(key) + " is not supported, expected " + value);
        }
    }

    /** Refuses whatever has not been read, by name. */
    void refuseUnread(String owner) {
        Set<String> unread = new TreeSet<>();
        json.fieldNames().forEachRemaining(key -> {
            if (json.hasNonNull(key) && !read.contains(key) && !(path.isEmpty() && HARMLESS.contains(key))) {
                unread.add(path(key) + " = " + shortened(json.get(key)));
            }
        });
        if (!unread.isEmpty()) {
            throw new IllegalArgumentException(String.join(", ", unread) + ": not supported for " + owner
                    + ", and perhaps needed for right answers; take out what the model does not depend on");
        }
    }

    private IllegalArgumentException wrong(String key, String expected, JsonNode found) {
        return new IllegalArgumentException(path(key) + ": expected " + expected + ", found "
                + (found.isMissingNode() ? "nothing" : shortened(found)));
    }

    private static String shortened(JsonNode node) {
        String text = node.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
