package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where instruction and text stand in what a model reads, for instance {@code [INST] {instruction} {text} [/INST]}. What
 * is around the text is seen by the model but not pooled. White space at the end of a text is dropped, as chat templates
 * do, unless the template is {@link #NONE}.
 *
 * @param alone for a text without an instruction; holds {@code {text}} once
 * @param instructed for a text with one; holds {@code {instruction}} and {@code {text}} once each
 */
public record Template(String alone, String instructed) {
    private static final String TEXT = "{text}";
    private static final String INSTRUCTION = "{instruction}";

    /** The instruction, a space, the text. */
    public static final Template NONE = new Template(TEXT, "{instruction} {text}");

    private static final Template INST = around("[INST] ", " [/INST]");
    private static final Template CHATML = around("<|im_start|>user\n", "<|im_end|>");

    /** The templates of the reference, by the names of the models on the hub. */
    public static final Map<String, Template> NAMED = Map.of(
            "mistralai/Mistral-7B-Instruct-v0.2",
            INST,
            "meta-llama/Llama-2-7b-chat-hf",
            INST,
            "meta-llama/Meta-Llama-3-8B-Instruct",
            around("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
            "google/gemma-2-9b-it",
            around("<bos><start_of_turn>user\n", "<end_of_turn>"),
            "Qwen/Qwen2-1.5B-Instruct",
            CHATML,
            "Qwen/Qwen2-7B-Instruct",
            CHATML);

    public Template {
        if (count(alone, TEXT) != 1 || count(alone, INSTRUCTION) != 0) {
            throw new IllegalArgumentException("template '" + alone + "': expected " + TEXT + " once, and no "
                    + INSTRUCTION + ", since it is for a text alone");
        }
        if (count(instructed, TEXT) != 1 || count(instructed, INSTRUCTION) != 1) {
            throw new IllegalArgumentException(
                    "template '" + instructed + "': expected " + INSTRUCTION + " and " + TEXT + " once each");
        }
    }

    private static int count(String string, String part) {
        return string.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    /** What stands before the instruction, or before the text without one, and what after the text. */
    public static Template around(String before, String after) {
        return new Template(before + TEXT + after, before + INSTRUCTION + " " + TEXT + after);
    }

    /**
     * A string for the tokenizer.
     *
     * @param textStart index of the text's first character in the string
     * @param textEnd index after its last
     */
    record Filled(String string, int textStart, int textEnd) {}

    Filled fill(Instruction instruction, String text) {
        String pattern = instruction.isEmpty() || instruction.verbatim() ? alone : instructed;
        int textAt = pattern.indexOf(TEXT);
        int instructionAt = pattern.indexOf(INSTRUCTION);
        String before = pattern.substring(0, textAt);
        String after = pattern.substring(textAt + TEXT.length());
        if (instruction.verbatim()) {
            before += instruction.text();
        } else if (instructionAt >= 0 && instructionAt < textAt) {
            before = put(instruction, before, instructionAt);
        } else if (instructionAt >= 0) {
            after = put(instruction, after, instructionAt - textAt - TEXT.length());
        }
        return new Filled(before + text + after, before.length(), before.length() + text.length());
    }

    private static String put(Instruction instruction, String into, int at) {
        return into.substring(0, at) + instruction.text() + into.substring(at + INSTRUCTION.length());
    }

    /**
     * The template in a JSON object with the keys {@code alone} and {@code instructed}.
     *
     * @throws IllegalArgumentException if a key is missing, unknown, or its pattern not valid
     */
    static Template of(JsonNode json) {
        List<String> keys =
                json.properties().stream().map(Map.Entry::getKey).sorted().toList();
        if (!keys.equals(List.of("alone", "instructed"))
                || !json.path("alone").isTextual()
                || !json.path("instructed").isTextual()) {
            throw new IllegalArgumentException(
                    "template: expected an object of the two strings alone and instructed, found " + json);
        }
        return new Template(
                json.path("alone").textValue(), json.path("instructed").textValue());
    }

    ObjectNode toJson() {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("alone", alone);
        json.put("instructed", instructed);
        return json;
    }

    /** The template of a model on the hub, or null where the reference has none for it. */
    static @Nullable Template named(String model) {
        return NAMED.get(model);
    }
}
