package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of a model by name, {@code query} and {@code document} for instance, as sentence-transformers keeps them in
 * {@code config_sentence_transformers.json}: each stands directly before a text, without a space of its own.
 *
 * @param byName in the order of the file
 * @param defaultName the prompt of texts for which none is asked, or null for none
 */
public record Prompts(Map<String, String> byName, @Nullable String defaultName) {
    /** No prompts. */
    public static final Prompts NONE = new Prompts(Map.of(), null);

    /**
     * @throws IllegalArgumentException if there is no prompt of the default's name
     */
    public Prompts {
        byName = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(byName));
        if (defaultName != null && !byName.containsKey(defaultName)) {
            throw new IllegalArgumentException(
                    "default_prompt_name '" + defaultName + "': expected one of the prompts " + byName.keySet());
        }
    }

    /** The prompts in the object of a {@code config_sentence_transformers.json}. */
    static Prompts of(JsonNode json) {
        Map<String, String> prompts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> prompt : json.path("prompts").properties()) {
            if (!prompt.getValue().isTextual()) {
                throw new IllegalArgumentException(
                        "prompts: " + prompt.getKey() + ": expected a string, found " + prompt.getValue());
            }
            prompts.put(prompt.getKey(), prompt.getValue().textValue());
        }
        JsonNode name = json.path("default_prompt_name");
        return new Prompts(prompts, name.isTextual() ? name.textValue() : null);
    }

    /**
     * The prompt of a name.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public Instruction get(String name) {
        String prompt = byName.get(name);
        if (prompt == null) {
            throw new IllegalArgumentException("prompt '" + name + "': "
                    + (byName.isEmpty()
                            ? "this model has no prompts: its config_sentence_transformers.json would name them"
                            : "expected one of " + String.join(", ", byName.keySet())));
        }
        return Instruction.prompt(prompt);
    }

    /** What stands before texts for which nothing is asked. */
    public Instruction ofDefault() {
        return defaultName == null ? Instruction.NONE : get(defaultName);
    }

    /** The same prompts with another default. */
    Prompts withDefault(String name) {
        get(name);
        return new Prompts(byName, name);
    }

    Prompts withoutDefault() {
        return new Prompts(byName, null);
    }
}
