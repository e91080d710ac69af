package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each error of the reference, done as it does and done right. */
class ReferenceCompatTest {
    private static final double FP32 = 2e-5;
    /** The states of hundreds of padding tokens are the same, so their rounding errors add up. */
    private static final double PADDING = 3e-5;

    /** The reference's own two attention kernels differ by up to 0.09 in bf16. */
    private static final double BF16 = 0.2;

    private static final EncoderConfig SMALL = new EncoderConfig(Pooling.MEAN, 48, 32, true);
    private static final Instruction INSTRUCTION = Instruction.of("Find texts that mean the same:");
    private static final String LONG_TEXT = "the quick brown fox jumps over the lazy dog ".repeat(5);

    @TempDir
    private Path temporary;

    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(Golden.OWN, "mistral", "mistral", "float32", FP32),
                arguments(Golden.OWN, "llama", "llama", "float32", FP32),
                arguments(Golden.SHARED, "mistral", "mistral", "float32", FP32),
                arguments(Golden.SHARED, "llama", "llama", "float32", FP32),
                arguments(Golden.SHARED, "llama3-rope", "llama3-rope", "float32", FP32),
                arguments(Golden.SHARED, "gemma", "gemma", "float32", FP32),
                arguments(Golden.SHARED, "qwen2", "qwen2", "float32", FP32),
                arguments(Golden.SHARED, "mistral-bf16_as_fp32", "mistral-bf16", "float32", FP32),
                arguments(Golden.SHARED, "mistral-bf16_as_bf16", "mistral-bf16", "bfloat16", BF16));
    }

    /** Every vector of the reference, of all items, in the batches in which it was made. */
    @ParameterizedTest
    @MethodSource("runs")
    void everyVectorIsThatOfTheReference(Golden golden, String run, String model, String dtype, double tolerance)
            throws IOException {
        GoldenItems items = GoldenItems.of(golden, run);
        int compared = 0;
        try (GoldenArrays arrays = golden.arrays("encode/" + run + "/arrays.safetensors")) {
            for (String name : new TreeSet<>(arrays.namesUnder("emb/"))) {
                String[] parts = name.split("/");
                EncoderConfig config = TinyEncoder.config(parts[0], Pooling.of(parts[2]), parts[3].equals("skip"));
                int batch = parts.length == 4 ? 32 : Integer.parseInt(parts[4].substring("batch".length()));
                float[][] expected = arrays.floatRows("emb/" + name);
                Path folder = TinyEncoder.folder(golden, "models/" + model, temporary, config);
                try (Llm2Vec encoder = Llm2Vec.builder(folder.toString())
                        .causal(parts[1].equals("uni"))
                        .dtype(dtype)
                        .workers(1)
                        .referenceCompat(true)
                        .textsPerBatch(batch)
                        .build()) {
                    float[][] actual = batch == 1 ? oneByOne(encoder, items, expected) : encode(encoder, items);
                    for (int item = 0; item < expected.length; item++) {
                        if (!Float.isNaN(expected[item][0])) {
                            Difference.assertWithin(
                                    isPaddingAlone(encoder, items, item) ? Math.max(tolerance, PADDING) : tolerance,
                                    actual[item],
                                    expected[item],
                                    name + ", item " + item);
                            compared++;
                        }
                    }
                }
            }
        }
        assertThat(compared).as("vectors compared").isGreaterThanOrEqualTo(48);
    }

    private static boolean isPaddingAlone(Llm2Vec encoder, GoldenItems items, int item) {
        return new ReferencePreparation(encoder.tokenizer(), encoder.config(), "", "")
                        .prepare(items.instruction(item), items.text(item))
                        .pooled()
                == 0;
    }

    /** One batch of items whose instructions differ, as the fixtures were made. */
    private static float[][] encode(Llm2Vec encoder, GoldenItems items) {
        List<Instruction> instructions = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < items.count(); i++) {
            instructions.add(items.instruction(i));
            texts.add(items.text(i));
        }
        return encoder.encodeAll(instructions, texts).vectors();
    }

    private static float[][] oneByOne(Llm2Vec encoder, GoldenItems items, float[][] expected) {
        float[][] vectors = new float[items.count()][];
        for (int i = 0; i < vectors.length; i++) {
            Instruction instruction = items.instruction(i);
            String text = items.text(i);
            if (Float.isNaN(expected[i][0])) {
                assertThatThrownBy(() -> encoder.encode(instruction, text))
                        .as("item %d, an error in the reference", i)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("empty");
            } else {
                vectors[i] = encoder.encode(instruction, text);
            }
        }
        return vectors;
    }

    /** Strings, tokens and pooled tokens of all 378 cases. */
    @Test
    void templatesTokensAndMasksAreThoseOfTheReference() {
        int compared = 0;
        for (String family : List.of("llama", "mistral", "gemma", "qwen2")) {
            String vocabulary = family.equals("mistral") ? "llama" : family;
            try (Tokenizer tokenizer = Tokenizer.load(Golden.SHARED.file("tokenizers/" + vocabulary + "-bpe"))) {
                for (JsonNode row : Golden.SHARED.json("encode/templates.json")) {
                    if (row.path("model_family").asText().equals(family)) {
                        EncoderConfig config = EncoderConfig.DEFAULT.withPooling(
                                Pooling.of(row.path("pooling_mode").asText()));
                        ReferencePreparation.Row prepared = new ReferencePreparation(
                                        tokenizer,
                                        config,
                                        row.path("name_or_path").asText(),
                                        family)
                                .prepare(
                                        Instruction.of(row.path("instruction").asText()),
                                        row.path("text").asText());
                        int[] mask = ints(row.path("embed_mask"));
                        assertThat(prepared.converted())
                                .isEqualTo(row.path("convert_to_str").asText());
                        assertThat(prepared.ids()).as("tokens of %s", row).isEqualTo(ints(row.path("input_ids")));
                        assertThat(prepared.pooled())
                                .as("pooled of %s", row)
                                .isEqualTo(Arrays.stream(mask).sum());
                        compared++;
                    }
                }
            }
        }
        assertThat(compared).isEqualTo(378);
    }

    @Test
    void longTextsAreCutByWordsAsInTheReference() {
        int compared = 0;
        try (Tokenizer tokenizer = Tokenizer.load(Golden.SHARED.file("tokenizers/llama-bpe"))) {
            for (JsonNode row : Golden.SHARED.json("encode/convert_to_str.json")) {
                EncoderConfig config = new EncoderConfig(
                        Pooling.MEAN,
                        row.path("max_length").asInt(),
                        row.path("doc_max_length").asInt(),
                        true);
                String converted = new ReferencePreparation(tokenizer, config, "", "llama")
                        .prepare(
                                Instruction.of(row.path("instruction").asText()),
                                row.path("text").asText())
                        .converted();
                assertThat(converted).isEqualTo(row.path("out").asText());
                compared++;
            }
        }
        assertThat(compared).isPositive();
    }

    @Test
    void aLongTextWithoutSpacesIsEmptyThereAndCutHere() throws IOException {
        String text = "אבגדה".repeat(60);
        float[][] here = both(Instruction.NONE, List.of(text, ""), false);
        float[][] there = both(Instruction.NONE, List.of(text, ""), true);
        assertThat(there[0]).as("as the empty text").isEqualTo(there[1]);
        assertThat(Difference.cosine(here[0], here[1])).isLessThan(0.999);
    }

    @Test
    void aSeparatorInATextIsLostThereAndTextHere() throws IOException {
        List<String> texts = List.of("first !@#$%^&*()second part", "first second part");
        float[][] there;
        float[][] here;
        EncoderConfig whole = new EncoderConfig(Pooling.LAST_TOKEN, 512, 400, true);
        try (Llm2Vec model = load(whole, true)) {
            there = model.encode(texts);
        }
        try (Llm2Vec model = load(whole, false)) {
            here = model.encode(texts);
        }
        Difference.assertWithin(1e-5, there[0], there[1], "with a separator and without");
        assertThat(Difference.cosine(here[0], here[1])).isLessThan(0.999);
    }

    @Test
    void aTextOfNoTokensDependsOnItsBatchThereAndNotHere() throws IOException {
        for (boolean compat : new boolean[] {true, false}) {
            float[] alone = both(Instruction.NONE, List.of(""), compat)[0];
            float[] beside = both(Instruction.NONE, List.of("", "a longer text beside it"), compat)[0];
            assertThat(Difference.cosine(alone, beside) > 0.999999)
                    .as("the same in another batch, compat %s", compat)
                    .isEqualTo(!compat);
        }
    }

    @Test
    void aClosingTagIsPooledThereAndNotHere() throws IOException {
        Path folder = TinyEncoder.folder(Golden.OWN, "models/mistral", temporary, EncoderConfig.DEFAULT);
        String name = "mistralai/Mistral-7B-Instruct-v0.2";
        ObjectNode json = (ObjectNode)
                new JsonMapper().readTree(folder.resolve("config.json").toFile());
        json.put("_name_or_path", name);
        new JsonMapper().writeValue(folder.resolve("config.json").toFile(), json);
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, false)) {
            PreparedText here = model.prepare(INSTRUCTION, List.of("שלום עולם")).get(0);
            ReferencePreparation.Row there = new ReferencePreparation(
                            model.tokenizer(), EncoderConfig.DEFAULT, name, "mistral")
                    .prepare(INSTRUCTION, "שלום עולם");
            assertThat(here.ids()).isEqualTo(there.ids());
            assertThat(there.pooled()).isEqualTo(here.poolTo() - here.poolFrom() + tagTokens(model));
        }
    }

    private static int tagTokens(Llm2Vec model) {
        int with = model.tokenizer().encode("שלום עולם [/INST]", false).length();
        return with - model.tokenizer().encode("שלום עולם", false).length();
    }

    @Test
    void aTemplateThatTheFolderStatesIsUsedHereAlone() throws IOException {
        Path folder = TinyEncoder.folder(Golden.OWN, "models/mistral", temporary, EncoderConfig.DEFAULT);
        float[][] plain = both(Instruction.NONE, List.of("text"), true);
        ModelChain.write(folder, folder.toString(), List.of(), Template.around("[INST] ", " [/INST]"), false);
        assertThat(both(Instruction.NONE, List.of("text"), true)).isDeepEqualTo(plain);
        assertThat(Difference.cosine(both(Instruction.NONE, List.of("text"), false)[0], plain[0]))
                .isLessThan(0.999);
    }

    @Test
    void aCutTextPoolsItsInstructionThereAndNotHere() throws IOException {
        Instruction instruction = Instruction.of("Find all of the texts that mean the same:");
        try (Llm2Vec model = load(SMALL, false)) {
            PreparedText here = model.prepare(instruction, List.of(LONG_TEXT)).get(0);
            ReferencePreparation.Row there =
                    new ReferencePreparation(model.tokenizer(), SMALL, "", "mistral").prepare(instruction, LONG_TEXT);
            assertThat(here.ids()).hasSize(48).isEqualTo(there.ids());
            assertThat(here.poolFrom()).isGreaterThan(48 - there.pooled()).isLessThan(48);
        }
    }

    @Test
    void aQwen2IsCausalThereAndBidirectionalHere() throws IOException {
        for (boolean compat : new boolean[] {true, false}) {
            try (Llm2Vec model = Llm2Vec.builder(
                            Golden.SHARED.file("models/qwen2").toString())
                    .dtype("float32")
                    .referenceCompat(compat)
                    .build()) {
                float[][] states = model.tokenStates(model.prepare(Instruction.NONE, List.of("one two three")))[0];
                float[][] other = model.tokenStates(model.prepare(Instruction.NONE, List.of("one two threx")))[0];
                assertThat(Difference.max(states[0], other[0]) < 1e-5)
                        .as("the first state is blind to the last token, compat %s", compat)
                        .isEqualTo(compat);
            }
        }
    }

    @Test
    void cutTextsAreCountedThereToo() throws IOException {
        try (Llm2Vec model = load(SMALL, true)) {
            Encodings encodings = model.encodeAll(Instruction.NONE, List.of("short", LONG_TEXT, "אבגדה".repeat(60)));
            assertThat(encodings.cut()).containsExactly(false, true, true);
        }
    }

    @Test
    void aPoolingThatTheReferenceLacksIsRefused() {
        EncoderConfig max = EncoderConfig.DEFAULT.withPooling(Pooling.MAX);
        assertThatThrownBy(() -> load(max, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("max");
    }

    private float[][] both(Instruction instruction, List<String> texts, boolean compat) throws IOException {
        try (Llm2Vec model = load(SMALL, compat)) {
            return model.encode(instruction, texts);
        }
    }

    private Llm2Vec load(EncoderConfig config, boolean compat) throws IOException {
        return Llm2Vec.builder(TinyEncoder.folder(Golden.OWN, "models/mistral", temporary, config)
                        .toString())
                .dtype("float32")
                .workers(1)
                .referenceCompat(compat)
                .build();
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
