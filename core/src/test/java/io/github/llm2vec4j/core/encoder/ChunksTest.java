package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** States of tokens, and vectors of parts of a text that was read as a whole. */
class ChunksTest {
    private static final Instruction INSTRUCTION = Instruction.of("Find texts that mean the same:");
    private static final String FIRST = "הילדים בנו ארמון.";
    private static final String SECOND = " The river carried it away 🚀";
    private static final String TEXT = FIRST + SECOND;
    private static final List<TextSpan> PARTS =
            List.of(new TextSpan(0, FIRST.length()), new TextSpan(FIRST.length(), TEXT.length()));

    @TempDir
    private Path temporary;

    @Test
    void tokenStatesAreThoseOfTheTextAlone() throws IOException {
        try (Llm2Vec model = load(Pooling.MEAN, Template.around("[INST] ", " [/INST]"))) {
            List<TokenStates> all = model.encodeTokens(INSTRUCTION, List.of(TEXT, "", "short"));
            for (int i = 0; i < 3; i += 2) {
                String text = List.of(TEXT, "", "short").get(i);
                TokenStates tokens = all.get(i);
                PreparedText prepared =
                        model.prepare(INSTRUCTION, List.of(text)).get(0);
                assertThat(tokens.ids())
                        .isEqualTo(Arrays.copyOfRange(prepared.ids(), prepared.poolFrom(), prepared.poolTo()));
                assertThat(tokens.states()).hasDimensions(tokens.ids().length, model.dimensions());
                assertThat(tokens.ends()[tokens.ends().length - 1]).isEqualTo(text.length());
                for (int t = 0; t + 1 < tokens.ids().length; t++) {
                    assertThat(tokens.starts()[t + 1]).isBetween(tokens.starts()[t], tokens.ends()[t]);
                }
                Difference.assertWithin(
                        1e-5,
                        mean(tokens.states(), 0, tokens.states().length),
                        model.encode(INSTRUCTION, text),
                        "the mean of the states");
            }
            assertThat(all.get(1).states()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MEAN", "WEIGHTED_MEAN", "MAX"})
    void aPartThatIsTheWholeIsTheVectorOfTheText(Pooling pooling) throws IOException {
        try (Llm2Vec model = load(pooling, Template.NONE)) {
            float[][] parts = model.encodeChunks(INSTRUCTION, TEXT, List.of(new TextSpan(0, TEXT.length())));
            Difference.assertWithin(1e-5, parts[0], model.encode(INSTRUCTION, TEXT), "the whole as a part");
        }
    }

    @Test
    void aPartIsPooledFromItsTokensAfterAllWasRead() throws IOException {
        try (Llm2Vec model = load(Pooling.MEAN, Template.NONE)) {
            float[][] parts = model.encodeChunks(INSTRUCTION, TEXT, PARTS);
            TokenStates tokens = model.encodeTokens(INSTRUCTION, List.of(TEXT)).get(0);
            int border = 0;
            while (tokens.ends()[border] <= FIRST.length()) {
                border++;
            }
            Difference.assertWithin(1e-5, parts[0], mean(tokens.states(), 0, border), "the first part");
            Difference.assertWithin(
                    1e-5, parts[1], mean(tokens.states(), border, tokens.states().length), "the second part");
            assertThat(Difference.cosine(parts[0], model.encode(INSTRUCTION, FIRST)))
                    .as("the first part knows of the second")
                    .isLessThan(0.9999);
        }
    }

    @Test
    void aDocumentMayBeLongerThanTheLimitOfATextButNotThanTheModelsPositions() throws IOException {
        try (Llm2Vec model = Llm2Vec.builder(TinyEncoder.folder(
                                Golden.OWN, "models/mistral", temporary, new EncoderConfig(Pooling.MEAN, 48, 32, true))
                        .toString())
                .dtype("float32")
                .build()) {
            String text = "the river carried it away. ".repeat(12);
            assertThat(model.prepare(Instruction.NONE, List.of(text)).get(0).truncated())
                    .isTrue();
            float[][] parts = model.encodeChunks(
                    Instruction.NONE, text, List.of(new TextSpan(0, 26), new TextSpan(297, text.length() - 1)));
            assertThat(parts).hasDimensions(2, model.dimensions());
            assertThatThrownBy(
                            () -> model.encodeChunks(Instruction.NONE, text.repeat(20), List.of(new TextSpan(0, 26))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("512");
        }
    }

    @Test
    void partsThatCannotBePooledAreRefused() throws IOException {
        try (Llm2Vec model = load(Pooling.MEAN, Template.NONE)) {
            assertThat(model.encodeChunks(INSTRUCTION, TEXT, List.of())).isEmpty();
            List<TextSpan> outside = List.of(new TextSpan(TEXT.length(), TEXT.length() + 4));
            assertThatThrownBy(() -> model.encodeChunks(INSTRUCTION, TEXT, outside))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("from " + TEXT.length());
        }
        try (Llm2Vec model = load(Pooling.LAST_TOKEN, Template.NONE)) {
            assertThatThrownBy(() -> model.encodeChunks(INSTRUCTION, TEXT, PARTS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("last_token");
        }
        assertThatThrownBy(() -> new TextSpan(3, 3)).isInstanceOf(IllegalArgumentException.class);
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

    private static Llm2Vec load(Pooling pooling, Template template) {
        return Llm2Vec.builder(Golden.OWN.file("models/mistral").toString())
                .dtype("float32")
                .pooling(pooling)
                .template(template)
                .build();
    }
}
