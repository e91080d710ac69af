package io.github.llm2vec4j.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoublePredicate;

/**
 * The settings of a stage: the keys of the reference's configuration files, and a few of our own. An unknown key, a
 * value of the wrong kind and a number out of range are errors; a key that has no meaning here is named in {@link
 * #ignored()}. A value of null is as if the key were not there.
 */
public final class StageConfig {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int MOST_SHOWN = 80;

    /** Every key and its kind: s text, i integer, d decimal, b boolean, l list of text, o object, - no meaning here. */
    private static final Map<String, Character> KEYS = new TreeMap<>();

    /** The numbers that a key may have, for those that may not have all. */
    private static final Map<String, Range> RANGES = new TreeMap<>();

    private record Range(String words, DoublePredicate holds) {}

    static {
        keys('s', "model_name_or_path peft_model_name_or_path tokenizer_path pooling_mode instruction");
        keys('s', "dataset_file_path output_dir mask_token_type data_collator_type torch_dtype lr_scheduler_type");
        keys('s', "dataset_name dataset_config_name dataset_split");
        keys('s', "text_column query_column positive_column scores_column");
        keys('l', "train_file eval_file negative_column report_to");
        keys('s', "task model_class retroactive_labels peft_addr cls_addr");
        keys('s', "logging_dir metric_for_best_model");
        keys('i', "per_device_train_batch_size gradient_accumulation_steps max_seq_length eval_steps save_steps");
        keys('i', "stop_after_n_steps max_steps chunk_characters negatives");
        keys('i', "dataset_number_of_rows dataset_start_index dataset_limit");
        keys('i', "lora_r warmup_steps seed workers micro_batch_size save_total_limit validation_blocks");
        keys('d', "simcse_dropout mlm_probability learning_rate num_train_epochs loss_scale lora_dropout lora_alpha");
        keys('d', "eval_fraction false_negative_ratio");
        keys('d', "weight_decay max_grad_norm adam_beta1 adam_beta2 adam_epsilon");
        keys('i', "label_column early_stopping_patience");
        keys('d', "classifier_dropout loraplus_lr_ratio ema_decay early_stopping_threshold");
        keys('b', "gradient_checkpointing reference_compat shuffle do_eval gradient_cache overwrite_output_dir");
        keys('b', "bidirectional merge_subwords train_adapter use_rslora use_dora");
        keys('b', "load_best_model_at_end greater_is_better load_in_8bit drop_test_texts");
        keys('o', "model_config instructions");
        keys('-', "per_device_eval_batch_size streaming disable_tqdm logging_steps");
        keys('-', "save_only_model attn_implementation remove_unused_columns evaluation_strategy save_strategy");
        keys('-', "do_train");
        range("at least 1", x -> x >= 1, "per_device_train_batch_size gradient_accumulation_steps micro_batch_size");
        range("at least 1", x -> x >= 1, "stop_after_n_steps max_steps lora_r workers save_total_limit");
        range("at least 1", x -> x >= 1, "dataset_number_of_rows dataset_limit chunk_characters");
        range("at least 2", x -> x >= 2, "max_seq_length label_column");
        range("0 or more", x -> x >= 0, "eval_steps save_steps warmup_steps validation_blocks learning_rate");
        range("0 or more", x -> x >= 0, "weight_decay adam_epsilon dataset_start_index negatives");
        range("above 0", x -> x > 0, "num_train_epochs loss_scale lora_alpha max_grad_norm");
        range("above 0", x -> x > 0, "false_negative_ratio");
        range("0 to below 1", x -> x >= 0 && x < 1, "simcse_dropout lora_dropout adam_beta1 adam_beta2");
        range("0 to below 1", x -> x >= 0 && x < 1, "eval_fraction");
        range("0 to below 1", x -> x >= 0 && x < 1, "classifier_dropout ema_decay");
        range("0 or more", x -> x >= 0, "early_stopping_patience early_stopping_threshold");
        range("above 0", x -> x > 0, "loraplus_lr_ratio");
        range("above 0 to 1", x -> x > 0 && x <= 1, "mlm_probability");
    }

    private static void range(String words, DoublePredicate holds, String names) {
        for (String name : names.split(" ")) {
            RANGES.put(name, new Range(words, holds));
        }
    }

    /** Every key that is known. */
    static Set<String> keys() {
        return Collections.unmodifiableSet(KEYS.keySet());
    }

    private static void keys(char kind, String names) {
        for (String name : names.split(" ")) {
            KEYS.put(name, kind);
        }
    }

    private final ObjectNode json;
    private final String source;
    private final Set<String> changed;

    /** What was read of the settings so far, defaults included. */
    private final Map<String, JsonNode> used = Collections.synchronizedMap(new TreeMap<>());

    private StageConfig(ObjectNode json, String source, Set<String> changed) {
        this.json = json;
        this.source = source;
        this.changed = Set.copyOf(changed);
        json.properties().forEach(e -> check(e.getKey(), e.getValue()));
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException if it is missing, not a JSON object, has a key twice or an unknown one, or a value that
     *     the key cannot have
     */
    public static StageConfig read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException(
                    file + (Files.exists(file) ? ": expected a file, found a folder" : ": no such file")
                            + "; give a JSON file of settings");
        }
        try {
            JsonNode node = JSON.readTree(file.toFile());
            if (!(node instanceof ObjectNode object)) {
                throw new ConfigException(file + ": expected a JSON object {\"key\": value, …}, found "
                        + (node.isMissingNode() ? "nothing" : shown(node)));
            }
            return new StageConfig(object, file.toString(), Set.of());
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new ConfigException(file + " line " + line + ": not valid JSON: "
                    + e.getOriginalMessage().replaceAll("\\s+", " ") + "; correct the file there");
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage() + "; make it readable");
        }
    }

    /** Takes settings that are at hand; {@code source} names them in errors. */
    public static StageConfig of(ObjectNode json, String source) {
        return new StageConfig(json.deepCopy(), source, Set.of());
    }

    /** A copy with a key set; the value is read as JSON, or as text where it is not JSON. */
    public StageConfig with(String key, String value) {
        ObjectNode copy = json.deepCopy();
        JsonNode node;
        try {
            node = JSON.readTree(value);
            if (node == null || node.isMissingNode()) {
                node = TextNode.valueOf(value);
            }
        } catch (JsonProcessingException e) {
            node = TextNode.valueOf(value);
        }
        copy.set(key, node);
        Set<String> all = new HashSet<>(changed);
        all.add(key);
        return new StageConfig(copy, source, all);
    }

    private void check(String key, JsonNode value) {
        Character kind = KEYS.get(key);
        if (kind == null) {
            throw new ConfigException(source + ": unknown key '" + key + "'; did you mean '" + nearest(key) + "'?");
        }
        boolean fits = switch (kind) {
            case 's' -> value.isTextual();
            case 'i' -> value.isIntegralNumber() && value.canConvertToInt();
            case 'd' -> value.isNumber();
            case 'b' -> value.isBoolean();
            case 'l' -> value.isTextual() || isListOfTexts(value);
            case 'o' -> value.isObject();
            default -> true;
        };
        if (value.isNull()) {
            return;
        }
        if (!fits) {
            String expected = switch (kind) {
                case 's' -> "a text";
                case 'i' -> "an integer";
                case 'd' -> "a number";
                case 'b' -> "true or false";
                case 'l' -> "a name or a list of them";
                default -> "an object";
            };
            throw new ConfigException(source + ": " + key + ": expected " + expected + ", found " + shown(value));
        }
        Range range = RANGES.get(key);
        if (range != null && !range.holds.test(value.asDouble())) {
            throw new ConfigException(source + ": " + key + ": expected " + range.words + ", found " + value);
        }
    }

    private static boolean isListOfTexts(JsonNode value) {
        boolean all = value.isArray();
        for (JsonNode item : value) {
            all &= item.isTextual();
        }
        return all;
    }

    /** A value on one line, cut where it is long. */
    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "…" : text;
    }

    private static String nearest(String key) {
        return nearest(key.toLowerCase(Locale.ROOT).replace('-', '_'), KEYS.keySet());
    }

    /** The one of some names that is most like another, by Levenshtein distance. */
    public static String nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .orElseThrow();
    }

    /** Levenshtein distance. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    public boolean has(String key) {
        return json.hasNonNull(key);
    }

    /** A text that must be there. */
    public String text(String key) {
        if (!has(key)) {
            throw new ConfigException(source + ": " + key + " is missing: set it");
        }
        return text(key, "");
    }

    public String text(String key, String fallback) {
        return value(key, TextNode.valueOf(fallback)).asText();
    }

    public int integer(String key, int fallback) {
        return value(key, IntNode.valueOf(fallback)).asInt();
    }

    public double number(String key, double fallback) {
        return value(key, DoubleNode.valueOf(fallback)).asDouble();
    }

    public boolean flag(String key, boolean fallback) {
        return value(key, BooleanNode.valueOf(fallback)).asBoolean();
    }

    public JsonNode object(String key) {
        return has(key) ? value(key, NullNode.getInstance()) : json.path(key);
    }

    /** Texts that are given as one or as a list. */
    public List<String> texts(String key, List<String> fallback) {
        if (!has(key)) {
            return fallback;
        }
        JsonNode node = value(key, NullNode.getInstance());
        List<String> texts = new ArrayList<>();
        (node.isArray() ? node : List.of(node)).forEach(item -> texts.add(item.asText()));
        return texts;
    }

    /** Files, folders and patterns that are named by one text or a list of them. */
    public List<Path> files(String key) {
        return texts(key, List.of()).stream().map(Path::of).toList();
    }

    private JsonNode value(String key, JsonNode fallback) {
        JsonNode value = has(key) ? json.get(key) : fallback;
        used.put(key, value);
        return value;
    }

    /** A setting that has been read, and where it comes from. */
    record Resolved(String key, JsonNode value, String origin) {}

    /** All settings that have been read so far, by name; those of a default too. */
    List<Resolved> resolved() {
        synchronized (used) {
            return used.entrySet().stream()
                    .map(e -> new Resolved(e.getKey(), e.getValue(), origin(e.getKey())))
                    .toList();
        }
    }

    private String origin(String key) {
        return changed.contains(key) ? "--set" : has(key) ? "file" : "default";
    }

    /** Whether the weights of the run depend on the scores of held-out data. */
    boolean goesByScores() {
        return flag("load_best_model_at_end", false) || integer("early_stopping_patience", 0) > 0;
    }

    /** The keys that are set but have no meaning here. */
    public List<String> ignored() {
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(name -> {
            boolean ofHub = List.of("dataset_name", "dataset_config_name", "dataset_split")
                    .contains(name);
            boolean says = name.equals("dataset_name") && HubSource.saysHowToRead(text(name, ""));
            if (Objects.equals(KEYS.get(name), '-') || ofHub && !says && !HubSource.isMeant(this)) {
                names.add(name);
            }
        });
        return names;
    }

    /** All settings, as they were given. */
    public ObjectNode toJson() {
        return json.deepCopy();
    }

    public String source() {
        return source;
    }
}
