package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of which most would end the JVM in the native library, at loading, at the first text or on a text made for them.
 * All are used in one JVM, which has to come to its end.
 */
class CraftedTokenizerTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path folder;

    private static ChildJvm.Result result;
    private static final Map<String, String> RESULTS = new HashMap<>();

    private static Map<String, Consumer<ObjectNode>> cases() {
        Map<String, Consumer<ObjectNode>> cases = new LinkedHashMap<>();
        cases.put("unchanged", json -> {});
        cases.put("stride", set("truncation", """
                {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 4}"""));
        cases.put("truncation-0", set("truncation", """
                {"direction": "Right", "max_length": 0, "strategy": "LongestFirst", "stride": 0}"""));
        cases.put("padding-0", set("padding", """
                {"strategy": {"Fixed": 0}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": ""}"""));
        cases.put("fixed-length-0", set("pre_tokenizer", """
                {"type": "FixedLength", "length": 0}"""));
        cases.put("template-missing", json -> ((ObjectNode) json.at("/post_processor/special_tokens")).removeAll());
        cases.put(
                "template-b",
                replace("post_processor", "{\"id\":\"A\",\"type_id\":0}", "{\"id\":\"B\",\"type_id\":0}"));
        cases.put("template-twice", json -> {
            JsonNode template = json.path("post_processor").deepCopy();
            ObjectNode sequence = json.putObject("post_processor").put("type", "Sequence");
            sequence.putArray("processors").add(template).add(template);
        });
        cases.put("template-ids", replace("post_processor", "\"ids\":[1]", "\"ids\":[1,2]"));
        cases.put("template-disguised", json -> {
            ObjectNode template = (ObjectNode) json.path("post_processor");
            template.put("type", "Sequence").putArray("processors");
            template.putObject("special_tokens");
        });
        cases.put("template-of-no-type", json -> {
            ((ObjectNode) json.path("post_processor")).put("type", "Templates");
        });
        cases.put("regex-exponential", split("(a+)+$"));
        cases.put("regex-square", split("a*a*$"));
        cases.put("regex-in-replace", set("normalizer", """
                {"type": "Replace", "pattern": {"Regex": "(a|a)*$"}, "content": "b"}"""));
        cases.put("pattern-empty", set("normalizer", """
                {"type": "Replace", "pattern": {"String": ""}, "content": "é"}"""));
        cases.put("regex-of-its-own-word", split("(?:(?:zebra)+x?)+$"));
        cases.put("regex-in-normal-use", split("\\w+|[^\\w\\s]+"));
        cases.put("decoder-half-character", set("decoder", """
                {"type": "Fuse", "x": "\\ud800"}"""));
        cases.put("decoder-number", set("decoder", """
                {"type": "Fuse", "x": 1e999}"""));
        cases.put("decoder-deep", set("decoder", "{\"x\": " + "[".repeat(200) + "]".repeat(200) + "}"));
        cases.put("decoder-strip", set("decoder", """
                {"type": "Strip", "content": "a", "start": 0, "stop": 3}"""));
        cases.put("prefix", json -> ((ObjectNode) json.path("model")).put("continuing_subword_prefix", "###########"));
        cases.put("merge-product", json -> json.withArray("/model/merges").add("▁ ▁"));
        cases.put("merge-part", json -> json.withArray("/model/merges").add("qqq a"));
        cases.put("merge-single", json -> json.withArray("/model/merges").add("a"));
        cases.put("id-negative", json -> json.withObject("/model/vocab").put("a", -1));
        cases.put("id-large", json -> json.withObject("/model/vocab").put("a", 4294967295L));
        cases.put("id-twice", json -> json.withObject("/model/vocab").put("another", 7));
        cases.put("id-fraction", json -> json.withObject("/model/vocab").put("a", 1.5));
        cases.put("added-id", json -> json.withArray("/added_tokens").add(added("<new>", 7)));
        cases.put(
                "added-space",
                json -> json.withArray("/added_tokens")
                        .add(added("<x>", 600).put("rstrip", true))
                        .add(added(" ", 601).put("lstrip", true)));
        cases.put("added-nothing", json -> {
            json.putObject("normalizer")
                    .put("type", "Strip")
                    .put("strip_left", true)
                    .put("strip_right", true);
            json.withArray("/added_tokens").add(added("\t", 600).put("normalized", true));
        });
        cases.put("added-nothing-by-replacing", json -> {
            ObjectNode step =
                    json.putObject("normalizer").put("type", "Replace").put("content", "");
            step.putObject("pattern").put("String", "qq");
            json.withArray("/added_tokens").add(added("qq", 600).put("normalized", true));
        });
        cases.put("prepend-nothing", json -> {
            ArrayNode steps = sequence(json, "normalizer", "normalizers");
            steps.addObject().put("type", "Prepend").put("prepend", "");
            steps.addObject().put("type", "NFC");
        });
        cases.put("precompiled-text", precompiled("!!!"));
        cases.put("precompiled-empty", precompiled(""));
        cases.put("precompiled-missing", set("normalizer", "{\"type\": \"Precompiled\"}"));
        cases.put("precompiled-wild", precompiled(Base64.getEncoder().encodeToString(new byte[] {
            8, 0, 0, 0, -1, -1, -1, 0, -1, -1, -1, 0, 'x'
        })));
        cases.put("unknown-normalizer", set("normalizer", "{\"type\": \"Reverse\"}"));
        cases.put("unknown-pre-tokenizer", set("pre_tokenizer", "{\"type\": \"Python\"}"));
        cases.put("unknown-decoder", set("decoder", "{\"type\": \"Morse\"}"));
        cases.put("unknown-model", json -> ((ObjectNode) json.path("model")).put("type", "Neural"));
        cases.put("bomb-of-replacements", json -> {
            ArrayNode steps = sequence(json, "normalizer", "normalizers");
            for (int i = 0; i < 40; i++) {
                ObjectNode step = steps.addObject().put("type", "Replace").put("content", "aa");
                step.putObject("pattern").put("String", "a");
            }
        });
        cases.put("bomb-of-bytes", json -> {
            ArrayNode steps = sequence(json, "pre_tokenizer", "pretokenizers");
            for (int i = 0; i < 40; i++) {
                steps.addObject()
                        .put("type", "ByteLevel")
                        .put("add_prefix_space", false)
                        .put("trim_offsets", true);
            }
        });
        cases.put("unigram", json -> {
            ObjectNode model = json.putObject("model").put("type", "Unigram").put("unk_id", 0);
            for (String token : new String[] {"<unk>", "<s>", "</s>", "a", "b", "ab"}) {
                model.withArray("/vocab").addArray().add(token).add(-1.0);
            }
        });
        KnownPatterns.all().forEach(pattern -> cases.put("known-" + cases.size(), split(pattern)));
        cases.put("as-llama-3", json -> {
            JsonNode template = json.path("post_processor").deepCopy();
            ArrayNode steps = sequence(json, "post_processor", "processors");
            steps.addObject()
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", true)
                    .put("trim_offsets", false);
            steps.add(template);
            json.withArray("/added_tokens").add(added("<|end|>", 600).put("rstrip", true));
        });
        cases.put("as-gemma-3", set("pre_tokenizer", """
                {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}"""));
        cases.put("as-the-first-gpt-2", json -> ((ObjectNode) json.path("model")).remove("type"));
        cases.put("with-limits-of-its-own", json -> {
            set("truncation", """
                    {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0}""").accept(json);
            set("padding", """
                    {"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                     "pad_type_id": 0, "pad_token": "<unk>"}""").accept(json);
        });
        return cases;
    }

    private static Stream<String> harmless() {
        return cases().keySet().stream()
                .filter(name -> name.matches("unchanged|known-.*|as-.*|with-.*|unigram|regex-in-normal-use"));
    }

    private static Consumer<ObjectNode> set(String section, String value) {
        return json -> json.set(section, raw(value));
    }

    private static JsonNode raw(String value) {
        return JSON.getNodeFactory().rawValueNode(new com.fasterxml.jackson.databind.util.RawValue(value));
    }

    private static Consumer<ObjectNode> replace(String section, String from, String to) {
        return json -> {
            String before = json.path(section).toString();
            assertThat(before).contains(from);
            json.set(section, raw(before.replace(from, to)));
        };
    }

    private static Consumer<ObjectNode> split(String regex) {
        return json -> {
            ObjectNode split = json.putObject("pre_tokenizer").put("type", "Split");
            split.putObject("pattern").put("Regex", regex);
            split.put("behavior", "Isolated").put("invert", false);
        };
    }

    private static Consumer<ObjectNode> precompiled(String map) {
        return json -> json.putObject("normalizer").put("type", "Precompiled").put("precompiled_charsmap", map);
    }

    private static ArrayNode sequence(ObjectNode json, String section, String list) {
        return json.putObject(section).put("type", "Sequence").putArray(list);
    }

    private static ObjectNode added(String content, int id) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    @BeforeAll
    static void useAllInOneJvm() throws Exception {
        JsonNode original = Golden.OWN.json("tokenizers/llama-bpe/tokenizer.json");
        for (Map.Entry<String, Consumer<ObjectNode>> one : cases().entrySet()) {
            ObjectNode json = original.deepCopy();
            one.getValue().accept(json);
            Files.writeString(file(one.getKey()), json.toString());
        }
        try (RandomAccessFile large = new RandomAccessFile(file("large").toFile(), "rw")) {
            large.setLength(1L << 30);
        }
        String text = original.toString();
        Files.writeString(file("broken"), text.substring(0, text.length() / 2));
        Files.writeString(file("key-twice"), text.replaceFirst("\"decoder\":", "\"decoder\":null,\"decoder\":"));
        Files.writeString(file("followed"), text + "{}");
        Files.write(
                file("latin"),
                text.replace("\"version\"", "\"é\":1,\"version\"").getBytes(StandardCharsets.ISO_8859_1));

        result = ChildJvm.runToAnyEnd(List.of("-Xmx256m"), Map.of(), CraftedTokenizers.class, folder.toString());
        result.output()
                .lines()
                .map(line -> line.split("\t", 2))
                .filter(parts -> parts.length == 2)
                .forEach(parts -> RESULTS.put(parts[0], parts[1]));
    }

    private static Path file(String name) throws IOException {
        Path own = Golden.OWN.copy("tokenizers/llama-bpe", folder.resolve(name));
        Files.delete(own.resolve("tokenizer.json"));
        return own.resolve("tokenizer.json");
    }

    @Test
    void noFileEndsTheJvm() {
        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output()).endsWith("end\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stride | truncation: stride 4 is not below max_length 4",
                "truncation-0 | truncation: max_length is 0",
                "padding-0 | padding: Fixed is 0",
                "fixed-length-0 | pre_tokenizer FixedLength: length is 0",
                "template-missing | names '<s>', which is not among its special_tokens",
                "template-b | single names text 'B'",
                "template-twice | after another step that adds special tokens",
                "template-ids | special token '<s>' has 2 ids and 1 tokens",
                "template-disguised | post_processor Sequence has a key 'single': expected none but type, processors",
                "template-of-no-type | post_processor of type 'Templates' is not known: expected BertProcessing",
                "regex-exponential | the regular expression '(a+)+$' of pre_tokenizer Split would end this program",
                "regex-square | the regular expression 'a*a*$' of pre_tokenizer Split would end this program",
                "regex-in-replace | the regular expression '(a|a)*$' of normalizer Replace would end this program",
                "regex-of-its-own-word | a process that tried it ended on a text such as 'zebra",
                "pattern-empty | normalizer Replace has no pattern",
                "decoder-half-character | holds half a character",
                "decoder-number | holds a number that is too large",
                "decoder-deep | nesting depth",
                "decoder-strip | decoder Strip: stop is 3, expected 0",
                "prefix | is not of two tokens, or makes none",
                "merge-product | merge \"▁ ▁\" is not of two tokens, or makes none",
                "merge-part | merge \"qqq a\" is not of two tokens, or makes none",
                "merge-single | merge \"a\" is not of two tokens, or makes none",
                "id-negative | the id of token 'a' is -1, expected 0 to 10000000",
                "id-large | the id of token 'a' is 4294967295, expected 0 to 10000000",
                "id-twice | token 'another' has the id 7, as another has",
                "id-fraction | the id of token 'a' is 1.5",
                "added-id | added token '<new>' has the id 7, but by its place or the vocabulary it is 600",
                "added-space | added tokens that may overlap would end this program",
                "added-nothing | normalizer Strip would end this program",
                "added-nothing-by-replacing | normalizer Replace by nothing would end this program",
                "prepend-nothing | normalizer Prepend has no text",
                "precompiled-text | normalizer Precompiled: precompiled_charsmap is damaged",
                "precompiled-empty | normalizer Precompiled: precompiled_charsmap is damaged",
                "precompiled-missing | normalizer Precompiled: precompiled_charsmap is damaged",
                "precompiled-wild | normalizer Precompiled would end this program",
                "unknown-normalizer | normalizer of type 'Reverse' is not known: expected BertNormalizer, ByteLevel",
                "unknown-pre-tokenizer | pre_tokenizer of type 'Python' is not known",
                "unknown-decoder | decoder of type 'Morse' is not known",
                "unknown-model | model of type 'Neural' is not known: expected BPE",
                "bomb-of-replacements | normalizer could make a text more than 256 times as long",
                "bomb-of-bytes | pre_tokenizer could make a text more than 256 times as long",
                "large | has 1073741824 bytes, more than the 64 MB",
                "broken | is not valid JSON",
                "key-twice | is not valid JSON: Duplicate field 'decoder'",
                "followed | is not valid JSON",
                "latin | is not valid UTF-8"
            })
    void isRefusedWithTheReason(String name, String reason) {
        assertThat(RESULTS.get(name))
                .as(result.output())
                .startsWith("BadCheckpointException " + folder.resolve(name).resolve("tokenizer.json") + ": ")
                .contains(reason);
    }

    @Test
    void whereNoSecondProcessCanBeStartedTheUserIsAsked() throws IOException {
        Path own = folder.resolve("regex-in-normal-use");
        Path changed = own.resolve("tokenizer.json");
        Files.writeString(changed, Files.readString(changed).replace("\\w+", "\\w{1,}")); // not tried by this JVM yet
        String home = System.getProperty("java.home");
        System.setProperty("java.home", folder.resolve("no-java").toString());
        try {
            assertThatThrownBy(() -> Tokenizer.load(own).close())
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageStartingWith(changed + ": the regular expression '\\w{1,}|")
                    .hasMessageContaining("no second one can be started to try it")
                    .hasMessageContaining("LLM2VEC_OPTS=-Dllm2vec4j.trustTokenizers=true");
            System.setProperty(TokenizerTrial.TRUST, "true");
            try (Tokenizer tokenizer = Tokenizer.load(own)) {
                assertThat(tokenizer.encode("a b", false).length()).isPositive();
            }
        } finally {
            System.clearProperty(TokenizerTrial.TRUST);
            System.setProperty("java.home", home);
        }
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void whatIsHarmlessIsUsed(String name) {
        assertThat(RESULTS.get(name)).as(result.output()).isEqualTo("used");
    }
}
