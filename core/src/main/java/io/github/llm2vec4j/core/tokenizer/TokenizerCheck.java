package io.github.llm2vec4j.core.tokenizer;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses a {@code tokenizer.json} with which the native library would end the JVM, at loading, encoding or decoding, or
 * would take memory without bound. What it cannot decide it names, to be tried in another process.
 */
final class TokenizerCheck {
    /**
     * The keys of each type. Others are refused, since the library tells some types by their keys, whatever their name.
     * The types with a plus are those of published decoders; the others are not relied on without a trial.
     */
    private static final Map<String, Map<String, Type>> TYPES = table("""
            - normalizer BertNormalizer clean_text handle_chinese_chars strip_accents lowercase
            - normalizer ByteLevel
            - normalizer Lowercase
            + normalizer NFC
            - normalizer NFD
            - normalizer NFKC
            - normalizer NFKD
            - normalizer Nmt
            - normalizer Precompiled precompiled_charsmap
            + normalizer Prepend prepend
            + normalizer Replace pattern content
            + normalizer Sequence normalizers
            - normalizer Strip strip_left strip_right
            - normalizer StripAccents
            - pre_tokenizer BertPreTokenizer
            + pre_tokenizer ByteLevel add_prefix_space trim_offsets use_regex
            - pre_tokenizer CharDelimiterSplit delimiter
            + pre_tokenizer Digits individual_digits
            - pre_tokenizer FixedLength length
            + pre_tokenizer Metaspace replacement add_prefix_space prepend_scheme split str_rep
            + pre_tokenizer Punctuation behavior
            + pre_tokenizer Sequence pretokenizers
            + pre_tokenizer Split pattern behavior invert
            - pre_tokenizer UnicodeScripts
            + pre_tokenizer Whitespace
            + pre_tokenizer WhitespaceSplit
            - post_processor BertProcessing sep cls
            + post_processor ByteLevel add_prefix_space trim_offsets use_regex
            - post_processor RobertaProcessing sep cls trim_offsets add_prefix_space
            + post_processor Sequence processors
            + post_processor TemplateProcessing single pair special_tokens
            - decoder BPEDecoder suffix
            + decoder ByteFallback
            + decoder ByteLevel add_prefix_space trim_offsets use_regex
            - decoder CTC pad_token word_delimiter_token cleanup
            + decoder Fuse
            + decoder Metaspace replacement add_prefix_space prepend_scheme split str_rep
            + decoder Replace pattern content
            + decoder Sequence decoders
            + decoder Strip content start stop
            - decoder WordPiece prefix cleanup
            + model BPE dropout unk_token continuing_subword_prefix end_of_word_suffix fuse_unk byte_fallback\
             ignore_merges vocab merges
            - model Unigram unk_id vocab byte_fallback
            - model WordLevel vocab unk_token
            - model WordPiece unk_token continuing_subword_prefix max_input_chars_per_word vocab
            """);

    private record Type(boolean proven, Set<String> keys) {}

    /** By how much a step can lengthen a text, in bytes; a step that is not here does not, or says so itself. */
    private static final Map<String, Integer> GROWTH = Map.ofEntries(
            Map.entry("BPEDecoder", 3),
            Map.entry("BertNormalizer", 3),
            Map.entry("ByteLevel", 2),
            Map.entry("CTC", 3),
            Map.entry("Lowercase", 2),
            Map.entry("Metaspace", 4),
            Map.entry("NFC", 3),
            Map.entry("NFD", 3),
            Map.entry("NFKC", 11),
            Map.entry("NFKD", 11),
            Map.entry("Precompiled", 11),
            Map.entry("WordPiece", 2));

    private static final int MAX_GROWTH = 256;
    private static final int MAX_STEPS = 64;
    private static final int MAX_PIECES = 64;

    private final Refusal file;
    private final JsonNode root;
    private final List<String> unproven = new ArrayList<>();
    private final List<String> patterns = new ArrayList<>();
    private double growth;
    private int steps;
    private int templates;

    TokenizerCheck(Path file, JsonNode root) {
        this.file = new Refusal(file);
        this.root = root;
    }

    /**
     * The ids of all tokens.
     *
     * @throws io.github.llm2vec4j.core.checkpoint.BadCheckpointException if the library cannot be given the file
     */
    Map<String, Integer> run() {
        if (!root.isObject()) {
            throw file.refused("is not a JSON object");
        }
        values(root);
        truncation(root.path("truncation"));
        padding(root.path("padding"));
        for (String section : List.of("normalizer", "pre_tokenizer", "post_processor", "decoder")) {
            growth = 1;
            steps = 0;
            if (root.hasNonNull(section)) {
                step(section, root.path(section));
            }
        }
        String model = type("model", root.path("model"));
        return new VocabularyCheck(file, root, unproven).run(model);
    }

    /** What in the file may end the JVM all the same, on some text. */
    List<String> unproven() {
        return unproven;
    }

    /** Texts on which such a thing shows, as far as that can be known. */
    List<String> trialTexts() {
        List<String> added = new ArrayList<>();
        root.path("added_tokens")
                .forEach(token -> added.add(token.path("content").asText()));
        return HostileTexts.of(patterns, added);
    }

    /** Jackson reads some values that the library does not; within a decoder it ends the JVM over them. */
    private void values(JsonNode node) {
        if (node.isTextual() && !WellFormed.is(node.textValue())) {
            throw file.refused("holds half a character, '" + Refusal.shown(node.textValue()) + "'");
        }
        if (node.isNumber() && !Double.isFinite(node.doubleValue())) {
            throw file.refused("holds a number that is too large");
        }
        node.properties().forEach(entry -> {
            if (!WellFormed.is(entry.getKey())) {
                throw file.refused("holds half a character, '" + Refusal.shown(entry.getKey()) + "'");
            }
        });
        node.forEach(this::values);
    }

    private void truncation(JsonNode truncation) {
        if (truncation.isObject()) {
            long length =
                    file.integer(truncation.path("max_length"), () -> "truncation: max_length", 1, Integer.MAX_VALUE);
            long stride = file.integer(truncation.path("stride"), () -> "truncation: stride", 0, Integer.MAX_VALUE);
            if (stride >= length) {
                throw file.refused("truncation: stride " + stride + " is not below max_length " + length);
            }
        }
    }

    private void padding(JsonNode padding) {
        JsonNode strategy = padding.path("strategy");
        if (strategy.has("Fixed")) {
            file.integer(strategy.path("Fixed"), () -> "padding: Fixed", 1, Integer.MAX_VALUE);
        }
    }

    // ---- steps ----

    private void step(String section, JsonNode step) {
        String type = type(section, step);
        if (++steps > MAX_STEPS) {
            throw file.refused(section + " has more than " + MAX_STEPS + " steps");
        }
        String where = section + " " + type;
        grow(section, GROWTH.getOrDefault(type, 1));
        switch (type) {
            case "Sequence" -> {
                String list = TYPES.get(section).get(type).keys().iterator().next();
                if (!step.path(list).isArray()) {
                    throw file.refused(where + " has no list '" + list + "'");
                }
                step.path(list).forEach(inner -> step(section, inner));
            }
            case "Replace" -> replace(section, step);
            case "Split" -> pattern(where, step.path("pattern"));
            case "Prepend" -> prepend(section, step.path("prepend").asText());
            case "Precompiled" -> precompiled(where, step.path("precompiled_charsmap"));
            case "FixedLength" -> file.integer(step.path("length"), () -> where + ": length", 1, Integer.MAX_VALUE);
            case "Strip" -> {
                if (section.equals("decoder")) {
                    file.integer(step.path("start"), () -> where + ": start", 0, Integer.MAX_VALUE);
                    file.integer(
                            step.path("stop"),
                            () -> where + ": stop",
                            0,
                            0); // the library reads beyond a shorter token
                }
            }
            case "TemplateProcessing" -> {
                onlyTemplate(where);
                template(where, step);
            }
            case "BertProcessing", "RobertaProcessing" -> onlyTemplate(where);
            default -> {}
        }
    }

    private String type(String section, JsonNode part) {
        // Files of the first versions of the library do not name the type of the model.
        String fallback = section.equals("model") && part.has("merges") ? "BPE" : "";
        String type = part.path("type").asText(fallback);
        Map<String, Type> types = TYPES.get(section);
        Type known = types.get(type);
        if (known == null) {
            throw file.unknown(
                    section + " of type '" + Refusal.shown(type) + "' is not known",
                    String.join(", ", new TreeSet<>(types.keySet())));
        }
        part.fieldNames().forEachRemaining(key -> {
            if (!key.equals("type") && !known.keys().contains(key)) {
                throw file.unknown(
                        section + " " + type + " has a key '" + Refusal.shown(key) + "'",
                        "none but type"
                                + new TreeSet<>(known.keys())
                                        .stream().map(name -> ", " + name).collect(joining()));
            }
        });
        if (!known.proven()) {
            unproven.add(section + " " + type);
        }
        return type;
    }

    /** Such steps cut a text apart, and the library cannot go on with the parts. */
    private void onlyTemplate(String where) {
        if (++templates > 1) {
            throw file.refused(where + " comes after another step that adds special tokens");
        }
    }

    private void grow(String section, double factor) {
        growth *= factor;
        if (growth > MAX_GROWTH) {
            throw file.refused(section + " could make a text more than " + MAX_GROWTH + " times as long");
        }
    }

    private void prepend(String section, String text) {
        if (text.isEmpty()) { // the library would count the first character as none
            throw file.refused(section + " Prepend has no text");
        }
        grow(section, 1 + bytes(text)); // it stands before each part of a text
    }

    private void replace(String section, JsonNode step) {
        String where = section + " Replace";
        JsonNode pattern = step.path("pattern");
        pattern(where, pattern);
        double content = bytes(step.path("content").asText());
        if (content == 0
                && section.equals("normalizer")) { // an added token of which nothing is left is found everywhere
            unproven.add(where + " by nothing");
        }
        int replaced = bytes(pattern.path("String").asText(""));
        grow(section, replaced == 0 ? 1 + content : Math.max(1, content / replaced)); // a Regex may be found anywhere
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void pattern(String where, JsonNode pattern) {
        JsonNode regex = pattern.path("Regex");
        String sought = pattern.path("String").asText(regex.asText());
        if (pattern.size() != 1 || sought.isEmpty()) { // one that is found between any two bytes is not survived
            throw file.refused(where + " has no pattern, String or Regex");
        }
        if (regex.isTextual() && !KnownPatterns.contain(regex.textValue())) {
            patterns.add(regex.textValue());
            unproven.add("the regular expression '" + Refusal.shown(regex.textValue()) + "' of " + where);
        }
    }

    private void precompiled(String where, JsonNode map) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(map.asText());
        } catch (IllegalArgumentException e) {
            bytes = new byte[0];
        }
        long trie = bytes.length < 4
                ? -1
                : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (trie <= 0 || trie % 4 != 0 || trie > bytes.length - 4) {
            throw file.refused(where + ": precompiled_charsmap is damaged");
        }
    }

    // ---- special tokens around a text ----

    private void template(String where, JsonNode template) {
        JsonNode tokens = template.path("special_tokens");
        tokens.properties().forEach(entry -> {
            JsonNode ids = entry.getValue().path("ids");
            int count = ids.size();
            if (count < 1
                    || count > MAX_PIECES
                    || entry.getValue().path("tokens").size() != count) {
                throw file.refused(where + ": special token '" + Refusal.shown(entry.getKey()) + "' has " + count
                        + " ids and " + entry.getValue().path("tokens").size() + " tokens");
            }
            for (int i = 0; i < count; i++) {
                file.integer(
                        ids.path(i),
                        () -> where + ": an id of '" + Refusal.shown(entry.getKey()) + "'",
                        0,
                        VocabularyCheck.MAX_ID);
            }
        });
        pieces(where, "pair", template.path("pair"), tokens);
        int texts = pieces(where, "single", template.path("single"), tokens);
        if (texts != 1) {
            throw file.refused(where + ": single holds " + texts + " texts, expected one");
        }
    }

    /** The number of pieces that stand for a text. */
    private int pieces(String where, String name, JsonNode pieces, JsonNode tokens) {
        if (!pieces.isArray() || pieces.size() > MAX_PIECES) {
            throw file.refused(where + ": " + name + " is not a list of at most " + MAX_PIECES + " pieces");
        }
        int texts = 0;
        for (JsonNode piece : pieces) {
            String token = piece.path("SpecialToken").path("id").asText(null);
            String text = piece.path("Sequence").path("id").asText("");
            if (token != null ? !tokens.has(token) : !text.equals("A") && !(text.equals("B") && name.equals("pair"))) {
                throw file.refused(where + ": " + name + " names "
                        + (token == null
                                ? "text '" + Refusal.shown(text) + "', which there is not"
                                : "'" + Refusal.shown(token) + "', which is not among its special_tokens"));
            }
            texts += token == null ? 1 : 0;
        }
        return texts;
    }

    private static Map<String, Map<String, Type>> table(String lines) {
        Map<String, Map<String, Type>> table = new HashMap<>();
        lines.lines()
                .map(line -> line.split(" "))
                .forEach(words -> table.computeIfAbsent(words[1], section -> new HashMap<>())
                        .put(
                                words[2],
                                new Type(
                                        words[0].equals("+"),
                                        Set.copyOf(Arrays.asList(words).subList(3, words.length)))));
        return table;
    }
}
