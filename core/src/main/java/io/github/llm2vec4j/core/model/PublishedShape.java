package io.github.llm2vec4j.core.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The shapes of published models, which are known without a download. They are data, in {@code llm2vec4j/shapes} on the
 * class path.
 */
public final class PublishedShape {
    private static final Map<String, String> FILES = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        FILES.put("dicta-il/dictalm2.0", "dictalm2.0");
        FILES.put("dicta-il/dictalm2.0-instruct", "dictalm2.0");
        FILES.put("dicta-il/DictaLM-3.0-1.7B-Base", "dictalm-3.0-1.7b");
        FILES.put("HuggingFaceTB/SmolLM2-135M", "smollm2-135m");
        FILES.put("meta-llama/Llama-2-7b-chat-hf", "llama-2-7b-chat-hf");
        FILES.put("meta-llama/Meta-Llama-3-8B-Instruct", "meta-llama-3-8b-instruct");
        FILES.put("mistralai/Mistral-7B-Instruct-v0.2", "mistral-7b-instruct-v0.2");
        FILES.put("princeton-nlp/Sheared-LLaMA-1.3B", "sheared-llama-1.3b");
        FILES.put("Qwen/Qwen2-1.5B", "qwen2-1.5b");
    }

    private PublishedShape() {}

    /** The names, as on the hub. */
    public static Set<String> names() {
        return FILES.keySet();
    }

    /** Whether the shape of a model is known; upper and lower case are one. */
    public static boolean isKnown(String name) {
        return FILES.containsKey(name);
    }

    /**
     * The {@code config.json} of a shape, a new object each time.
     *
     * @throws IllegalArgumentException if it is not known
     */
    public static ObjectNode json(String name) {
        String file = FILES.get(name.toLowerCase(Locale.ROOT));
        if (file == null) {
            throw new IllegalArgumentException("no shape of '" + name + "': there are " + String.join(", ", names()));
        }
        try (InputStream in = PublishedShape.class.getResourceAsStream("/llm2vec4j/shapes/" + file + ".json")) {
            return (ObjectNode) new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ".json: cannot be read: " + e.getMessage(), e);
        }
    }

    /** The shape itself. */
    public static DecoderConfig of(String name) {
        return DecoderConfig.of(json(name));
    }
}
