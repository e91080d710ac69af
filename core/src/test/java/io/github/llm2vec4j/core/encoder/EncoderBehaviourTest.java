package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncoderBehaviourTest {
    private static final Instruction INSTRUCTION = Instruction.of("Find texts that mean the same:");
    private static final List<String> TEXTS = List.of(
            "שלום עולם",
            "The children built a castle near the river.",
            "",
            "א",
            "הספר החדש מונח על השולחן, מי רוצה לקרוא?",
            "   ",
            "🚀 איזה יופי! 🇮🇱",
            "a",
            "הַיַּלְדָּה שָׁתְתָה חָלָב וְהַיֶּלֶד אָכַל תַּפּוּחַ",
            "first !@#$%^&*()second part",
            "</s>",
            "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9",
            "הרכבת ל-Haifa יוצאת ב-8:20 (רציף 3), המחיר 27.50.",
            "\n\t",
            "ראש הממשלה ביקר בארה\"ב; צה״ל — ובכן...",
            "the same word again and again: again again again again again again again again again again");

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void thatOfTheLastLayerIsTheEmbedding(Pooling pooling) throws IOException {
        try (Llm2Vec model = load(new EncoderConfig(pooling, 512, 400, true), "float32")) {
            float[][][][] vectors =
                    model.encodeLayers(INSTRUCTION, TEXTS, List.of(2, 0, 1), List.of(Pooling.BOS_TOKEN, pooling));
            assertThat(vectors).hasDimensions(3, 2);
            assertThat(vectors[0][1]).isDeepEqualTo(model.encode(INSTRUCTION, TEXTS));
            for (float[] first : vectors[1][0]) {
                assertThat(first).as("the first token before any block").isEqualTo(vectors[1][0][0]);
            }
            assertThat(vectors[2][1][0]).isNotEqualTo(vectors[0][1][0]);
            assertThatThrownBy(() -> model.encodeLayers(INSTRUCTION, TEXTS, List.of(3), List.of(pooling)))
                    .hasMessage("layer 3: the model has layers 0 (the embeddings) to 2");
        }
    }

    @Test
    void everyPoolingOfOnePassIsThatOfAModelOfThatPooling() throws IOException {
        List<Pooling> poolings = List.of(Pooling.EOS_TOKEN, Pooling.MEAN, Pooling.LAST_TOKEN);
        float[][][][] together;
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            together = model.encodeLayers(INSTRUCTION, TEXTS, List.of(2), poolings);
        }
        for (int p = 0; p < poolings.size(); p++) {
            try (Llm2Vec alone = load(EncoderConfig.DEFAULT.withPooling(poolings.get(p)), "float32")) {
                assertThat(together[0][p]).isDeepEqualTo(alone.encode(INSTRUCTION, TEXTS));
            }
        }
    }

    @Test
    void wordsAreReadAtAnyLayer() throws IOException {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            WordStates words = new WordStates(model, WordStates.Position.SAME_TOKEN);
            List<List<String>> sentences = List.of(List.of("שלום", "עולם"), List.of("one", "שלום", "one"));
            float[][][][] layers = words.encode(sentences, List.of(0, 2));
            assertThat(layers[1]).isDeepEqualTo(words.encode(sentences));
            assertThat(layers[0][1][2]).as("no context in the embeddings").isNotEqualTo(layers[1][1][2]);
            assertThat(layers[0][0]).hasDimensions(2, model.dimensions());
        }
    }

    @ParameterizedTest
    @CsvSource({"float32, 0.999999", "bfloat16, 0.9999"})
    void anEmbeddingDoesNotDependOnItsBatch(String dtype, double cosine) throws IOException {
        for (Pooling pooling : List.of(Pooling.MEAN, Pooling.WEIGHTED_MEAN, Pooling.EOS_TOKEN)) {
            try (Llm2Vec model = load(new EncoderConfig(pooling, 512, 400, true), dtype)) {
                float[][] together = model.encode(INSTRUCTION, TEXTS);
                List<Integer> order = new ArrayList<>();
                TEXTS.forEach(text -> order.add(order.size()));
                Collections.shuffle(order, new Random(7));
                float[][] shuffled =
                        model.encode(INSTRUCTION, order.stream().map(TEXTS::get).toList());
                for (int i = 0; i < TEXTS.size(); i++) {
                    float[] alone = model.encode(INSTRUCTION, TEXTS.get(i));
                    assertThat(Difference.cosine(together[i], alone))
                            .as("%s of '%s', in a batch and alone", pooling, TEXTS.get(i))
                            .isGreaterThanOrEqualTo(cosine);
                    assertThat(Difference.cosine(shuffled[order.indexOf(i)], alone))
                            .as("%s of '%s', in another order", pooling, TEXTS.get(i))
                            .isGreaterThanOrEqualTo(cosine);
                }
            }
        }
    }

    @Test
    void anEmbeddingDoesNotDependOnTheSizeOfBatchesOrTheNumberOfWorkers() throws IOException {
        String folder = folder(EncoderConfig.DEFAULT);
        float[][] expected;
        try (Llm2Vec model = Llm2Vec.builder(folder).dtype("float32").workers(1).build()) {
            expected = model.encode(TEXTS);
        }
        for (int tokens : new int[] {1, 40, 100}) {
            try (Llm2Vec model = Llm2Vec.builder(folder)
                    .dtype("float32")
                    .workers(3)
                    .tokensPerBatch(tokens)
                    .build()) {
                float[][] actual = model.encode(TEXTS);
                for (int i = 0; i < TEXTS.size(); i++) {
                    assertThat(Difference.cosine(actual[i], expected[i])).isGreaterThanOrEqualTo(0.999999);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void anEmptyTextHasAFiniteVectorOfItsOwn(Pooling pooling) throws IOException {
        try (Llm2Vec model = load(new EncoderConfig(pooling, 512, 400, true), "float32")) {
            float[] alone = model.encode(Instruction.NONE, "");
            assertThat(alone).hasSize(model.dimensions());
            assertThat(Difference.largest(alone)).isFinite().isPositive();
            for (int other = 0; other < TEXTS.size(); other++) {
                float[][] pair = model.encode(List.of(TEXTS.get(other), ""));
                assertThat(Difference.cosine(pair[1], alone))
                        .as("beside '%s'", TEXTS.get(other))
                        .isGreaterThanOrEqualTo(0.999999);
            }
        }
    }

    @Test
    void anEmptyTextOfATokenizerWithoutAFirstTokenHasAFiniteVectorToo() throws IOException {
        try (Llm2Vec model =
                TinyEncoder.load(Golden.SHARED, "models/qwen2", temporary, EncoderConfig.DEFAULT, false, "float32")) {
            float[] alone = model.encode(Instruction.NONE, "");
            assertThat(Difference.largest(alone)).isFinite().isPositive();
            float[][] pair = model.encode(List.of("a longer text beside it", ""));
            assertThat(Difference.cosine(pair[1], alone)).isGreaterThanOrEqualTo(0.999999);
        }
    }

    @Test
    void poolingAFirstTokenThatTheModelLacksIsRefused() throws IOException {
        EncoderConfig config = EncoderConfig.DEFAULT.withPooling(Pooling.BOS_TOKEN);
        try (Llm2Vec model = TinyEncoder.load(Golden.SHARED, "models/qwen2", temporary, config, false, "float32")) {
            assertThatThrownBy(() -> model.encode(List.of("text")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bos_token")
                    .hasMessageContaining("weighted_mean");
        }
    }

    @Test
    void anInstructionIsSeenButNotPooled() throws IOException {
        float[] pooledWithout;
        float[] pooledWith;
        float[][] states;
        PreparedText prepared;
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            pooledWithout = model.encode(INSTRUCTION, TEXTS.get(1));
            float[] noInstruction = model.encode(Instruction.NONE, TEXTS.get(1));
            assertThat(Difference.cosine(pooledWithout, noInstruction))
                    .as("it is seen")
                    .isLessThan(0.9999);
            prepared = new TextPreparation(model.tokenizer(), model.config()).prepare(INSTRUCTION, TEXTS.get(1));
            states = model.tokenStates(List.of(prepared))[0];
        }
        try (Llm2Vec model = load(new EncoderConfig(Pooling.MEAN, 512, 400, false), "float32")) {
            pooledWith = model.encode(INSTRUCTION, TEXTS.get(1));
        }
        assertThat(prepared.poolFrom()).isGreaterThan(5);
        Difference.assertWithin(
                1e-5, pooledWithout, mean(states, prepared.poolFrom(), states.length), "the mean of the text alone");
        Difference.assertWithin(1e-5, pooledWith, mean(states, 0, states.length), "the mean of all tokens");
    }

    @Test
    void pooledTokensAreExactlyThoseThatCoverTheText() throws IOException {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            TextPreparation preparation = new TextPreparation(model.tokenizer(), model.config());
            for (String text : TEXTS) {
                PreparedText prepared = preparation.prepare(INSTRUCTION, text);
                String whole = INSTRUCTION.text() + " " + text;
                var tokens = model.tokenizer().encode(whole, true);
                assertThat(prepared.ids()).isEqualTo(tokens.ids());
                for (int i = 0; i < tokens.length() && !text.isEmpty(); i++) {
                    boolean covers = tokens.ends()[i] > INSTRUCTION.text().length() + 1;
                    assertThat(i >= prepared.poolFrom() && i < prepared.poolTo())
                            .as("token %d of '%s' is pooled", i, whole)
                            .isEqualTo(covers);
                }
            }
        }
    }

    @Test
    void aLongTextIsCutAtTheTokenWhateverItsSpaces() throws IOException {
        EncoderConfig small = new EncoderConfig(Pooling.MEAN, 48, 32, true);
        try (Llm2Vec model = load(small, "float32")) {
            TextPreparation preparation = new TextPreparation(model.tokenizer(), small);
            for (String text : List.of("אבגדה".repeat(60), "one two three ".repeat(60), "😀".repeat(60))) {
                PreparedText alone = preparation.prepare(Instruction.NONE, text);
                assertThat(alone.truncated()).isTrue();
                assertThat(alone.poolTo() - alone.poolFrom())
                        .as("pooled of '%s'", text)
                        .isBetween(28, 32);
                PreparedText instructed = preparation.prepare(INSTRUCTION, text);
                assertThat(instructed.ids().length).isLessThanOrEqualTo(48);
                assertThat(instructed.poolFrom()).isGreaterThan(5);
            }
        }
    }

    @Test
    void aCutTextHasItsFirstTokensAndWhatStandsAroundThem() throws IOException {
        String text = "הילדים בנו ארמון ליד הנהר, and the river carried it away. ".repeat(4);
        EncoderConfig small = new EncoderConfig(Pooling.MEAN, 64, 20, true);
        Template template = Template.around("[INST] ", " [/INST]");
        try (Llm2Vec model = load(small, "float32")) {
            PreparedText whole = new TextPreparation(model.tokenizer(), EncoderConfig.DEFAULT, template)
                    .prepare(INSTRUCTION, text.stripTrailing());
            PreparedText cut =
                    new TextPreparation(model.tokenizer(), small, template).prepare(INSTRUCTION, text.stripTrailing());
            int kept = cut.poolTo() - cut.poolFrom();
            assertThat(whole.truncated()).isFalse();
            assertThat(cut.truncated()).isTrue();
            assertThat(kept).isEqualTo(20);
            assertThat(Arrays.copyOf(cut.ids(), cut.poolTo()))
                    .as("the beginning")
                    .isEqualTo(Arrays.copyOf(whole.ids(), whole.poolFrom() + kept));
            assertThat(Arrays.copyOfRange(cut.ids(), cut.poolTo(), cut.ids().length))
                    .as("what stands after the text")
                    .isEqualTo(Arrays.copyOfRange(whole.ids(), whole.poolTo(), whole.ids().length))
                    .isNotEmpty();
        }
    }

    @Test
    void aVeryLongTextHasTheTokensOfItsStartAndCountsAsCut() throws IOException {
        EncoderConfig small = new EncoderConfig(Pooling.MEAN, 48, 32, true);
        try (Llm2Vec model = load(small, "float32")) {
            TextPreparation preparation = new TextPreparation(model.tokenizer(), small);
            for (String part : List.of("הילדים בנו ארמון ליד הנהר. ", "one two three ", "אבגדה", "😀", "a😀")) {
                PreparedText prepared = preparation.prepare(INSTRUCTION, part.repeat(40_000));
                assertThat(prepared)
                        .usingRecursiveComparison()
                        .isEqualTo(preparation.prepare(INSTRUCTION, part.repeat(300)));
                assertThat(prepared.truncated()).isTrue();
            }
        }
    }

    @Test
    void theTextsThatWereCutAreCounted() throws IOException {
        EncoderConfig small = new EncoderConfig(Pooling.MEAN, 48, 32, true);
        try (Llm2Vec model = load(small, "float32")) {
            Encodings encodings =
                    model.encodeAll(Instruction.NONE, List.of("short", "a long text ".repeat(40), "אבג".repeat(50)));
            assertThat(encodings.cut()).containsExactly(false, true, true);
            assertThat(encodings.cutTexts()).isEqualTo(2);
            assertThat(encodings.tokens()[1]).isEqualTo(33);
            assertThat(encodings.tokenCount())
                    .isEqualTo(Arrays.stream(encodings.tokens()).sum());
            assertThat(encodings.vectors()).hasDimensions(3, model.dimensions());
        }
    }

    @Test
    void aTextThatIsCutKeepsItsEndToken() throws IOException {
        EncoderConfig small = new EncoderConfig(Pooling.EOS_TOKEN, 48, 32, true);
        try (Llm2Vec model = load(small, "float32")) {
            PreparedText prepared = new TextPreparation(model.tokenizer(), small)
                    .prepare(Instruction.of("one two three ".repeat(20)), "text ".repeat(60));
            assertThat(prepared.ids()).hasSize(48).endsWith(model.tokenizer().eosId());
        }
    }

    @Test
    void aSeparatorOfTheReferenceInATextIsOrdinaryText() throws IOException {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            PreparedText prepared = new TextPreparation(model.tokenizer(), model.config())
                    .prepare(Instruction.NONE, "one!@#$%^&*()two");
            assertThat(model.tokenizer().decode(prepared.ids(), true)).isEqualTo("one!@#$%^&*()two");
            assertThat(prepared.poolFrom()).isEqualTo(1);
        }
    }

    @Test
    void theLargestValuesAreThoseOfTheTextsTokens() throws IOException {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT.withPooling(Pooling.MAX), "float32")) {
            List<String> texts = List.of("שלום עולם", "a longer text that stands beside it", "three words here");
            float[][] vectors = model.encode(INSTRUCTION, texts);
            List<PreparedText> prepared = model.prepare(INSTRUCTION, texts);
            float[][][] states = model.tokenStates(prepared);
            for (int t = 0; t < vectors.length; t++) {
                float[] largest = states[t][prepared.get(t).poolFrom()].clone();
                for (int i = prepared.get(t).poolFrom(); i < prepared.get(t).poolTo(); i++) {
                    for (int d = 0; d < largest.length; d++) {
                        largest[d] = Math.max(largest[d], states[t][i][d]);
                    }
                }
                Difference.assertWithin(1e-5, vectors[t], largest, "the largest values of '" + texts.get(t) + "'");
            }
        }
    }

    @Test
    void noTextGivesNoVector() throws IOException {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            assertThat(model.encode(List.of())).isEmpty();
        }
    }

    @Test
    void severalThreadsMayEncodeAtOnce() throws Exception {
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            float[][] expected = model.encode(TEXTS);
            ExecutorService callers = Executors.newFixedThreadPool(4);
            try {
                List<Callable<float[][]>> calls = Collections.nCopies(16, () -> model.encode(TEXTS));
                for (Future<float[][]> result : callers.invokeAll(calls)) {
                    assertThat(Arrays.deepEquals(result.get(), expected)).isTrue();
                }
            } finally {
                callers.shutdown();
            }
        }
    }

    @Test
    void encodingHoldsNoTensorAfterwards() throws IOException {
        long before = Tensor.liveCount();
        try (Llm2Vec model = load(EncoderConfig.DEFAULT, "float32")) {
            model.encode(TEXTS);
            long loaded = Tensor.liveCount();
            for (int i = 0; i < 200; i++) {
                model.encode(TEXTS.subList(0, 1 + i % TEXTS.size()));
            }
            assertThat(Tensor.liveCount()).isEqualTo(loaded);
        }
        assertThat(Tensor.liveCount()).as("after the model is closed").isEqualTo(before);
    }

    private static float[] mean(float[][] states, int from, int to) {
        float[] mean = new float[states[0].length];
        for (int t = from; t < to; t++) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += states[t][i] / (to - from);
            }
        }
        return mean;
    }

    private String folder(EncoderConfig config) throws IOException {
        return TinyEncoder.folder(Golden.OWN, "models/mistral", temporary, config)
                .toString();
    }

    private Llm2Vec load(EncoderConfig config, String dtype) throws IOException {
        return TinyEncoder.load(Golden.OWN, "models/mistral", temporary, config, false, dtype);
    }
}
