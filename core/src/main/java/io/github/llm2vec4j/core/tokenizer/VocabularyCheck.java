package io.github.llm2vec4j.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of {@link TokenizerCheck} that looks at tokens, their ids and merges. */
final class VocabularyCheck {
    static final int MAX_ID = 10_000_000;

    /** The library compares each with all before it, and makes an automaton of their characters. */
    private static final int MAX_ADDED_TOKENS = 50_000;

    private static final int MAX_ADDED_CHARACTERS = 1_000_000;

    private final Refusal file;
    private final JsonNode root;
    private final List<String> unproven;

    /**
     * @param unproven to which is added what must be tried
     */
    VocabularyCheck(Refusal file, JsonNode root, List<String> unproven) {
        this.file = file;
        this.root = root;
        this.unproven = unproven;
    }

    /**
     * The ids of all tokens.
     *
     * @param type of the model
     */
    Map<String, Integer> run(String type) {
        JsonNode model = root.path("model");
        Map<String, Integer> ids = type.equals("Unigram") ? unigram(model) : vocabulary(model.path("vocab"));
        if (type.equals("BPE")) {
            merges(model, ids);
            if (!model.path("end_of_word_suffix").asText("").isEmpty()
                    || !model.path("continuing_subword_prefix").asText("").isEmpty()) {
                unproven.add("the marks of words of model BPE");
            }
        }
        addedTokens(root.path("added_tokens"), ids);
        return ids;
    }

    private Map<String, Integer> vocabulary(JsonNode vocabulary) {
        if (!vocabulary.isObject()) {
            throw file.refused("model has no vocab of tokens and their ids");
        }
        Map<String, Integer> ids = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        vocabulary.properties().forEach(entry -> {
            int id = (int) file.integer(
                    entry.getValue(), () -> "the id of token '" + Refusal.shown(entry.getKey()) + "'", 0, MAX_ID);
            if (!taken.add(id)) {
                throw file.refused(
                        "token '" + Refusal.shown(entry.getKey()) + "' has the id " + id + ", as another has");
            }
            ids.put(entry.getKey(), id);
        });
        return ids;
    }

    private Map<String, Integer> unigram(JsonNode model) {
        JsonNode vocabulary = model.path("vocab");
        if (model.hasNonNull("unk_id")) {
            file.integer(model.path("unk_id"), () -> "model Unigram: unk_id", 0, vocabulary.size() - 1L);
        }
        Map<String, Integer> ids = new HashMap<>();
        for (JsonNode entry : vocabulary) {
            if (!entry.path(0).isTextual() || !entry.path(1).isNumber()) {
                throw file.refused("model Unigram has an entry " + Refusal.shown(entry.toString())
                        + ", expected a token and a score");
            }
            ids.put(entry.path(0).asText(), ids.size());
        }
        if (ids.size() != vocabulary.size() || ids.isEmpty()) {
            throw file.refused("model Unigram has no vocab, or a token twice");
        }
        return ids;
    }

    private void merges(JsonNode model, Map<String, Integer> ids) {
        if (!model.path("merges").isArray()) {
            throw file.refused("model BPE has no list of merges");
        }
        String prefix = model.path("continuing_subword_prefix").asText("");
        for (JsonNode merge : model.path("merges")) {
            String[] parts = merge.isTextual()
                    ? merge.textValue().split(" ", -1)
                    : new String[] {merge.path(0).asText(), merge.path(1).asText()};
            if (merge.isTextual() && merge.textValue().startsWith("#version")) {
                continue;
            }
            boolean pair = parts.length == 2 && (merge.isTextual() || merge.size() == 2);
            if (!pair
                    || !parts[1].startsWith(prefix)
                    || !ids.containsKey(parts[0])
                    || !ids.containsKey(parts[1])
                    || !ids.containsKey(parts[0] + parts[1].substring(prefix.length()))) {
                throw file.refused("merge " + Refusal.shown(merge.toString()) + " is not of two tokens, or makes none");
            }
        }
    }

    /** The library numbers tokens that are not in the vocabulary by their place, whatever their ids in the file. */
    private void addedTokens(JsonNode added, Map<String, Integer> ids) {
        int characters = 0;
        for (JsonNode token : added) {
            characters += token.path("content").asText().length();
        }
        if (added.size() > MAX_ADDED_TOKENS || characters > MAX_ADDED_CHARACTERS) {
            throw file.refused("has " + added.size() + " added tokens of " + characters + " characters, more than "
                    + MAX_ADDED_TOKENS + " or " + MAX_ADDED_CHARACTERS);
        }
        int size = ids.size();
        int largest = -1;
        boolean takesSpaceAfter = false;
        boolean isSpaceAndTakesMore = false;
        for (JsonNode token : added) {
            String content = token.path("content").asText();
            if (content.isEmpty()) {
                continue; // as the library does
            }
            String name = "added token '" + Refusal.shown(content) + "'";
            int id = (int) file.integer(token.path("id"), () -> name + ": id", 0, MAX_ID);
            int given = ids.getOrDefault(content, largest >= size ? largest + 1 : size);
            if (id != given) {
                throw file.refused(name + " has the id " + id + ", but by its place or the vocabulary it is " + given);
            }
            ids.put(content, id);
            largest = Math.max(largest, id);
            boolean normalized = token.path("normalized").asBoolean() && root.hasNonNull("normalizer");
            takesSpaceAfter |= token.path("rstrip").asBoolean();
            isSpaceAndTakesMore |= token.path("lstrip").asBoolean() && (content.isBlank() || normalized);
        }
        if (takesSpaceAfter && isSpaceAndTakesMore) {
            unproven.add("added tokens that may overlap");
        }
    }
}
