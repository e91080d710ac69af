package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedModelTest {
    private static final String RESOURCES = "/llm2vec4j/embedded/hebrew-mini/";
    private static final String SENTENCE = "הממשלה אישרה את תקציב המדינה לשנה הבאה.";

    @Test
    void filesHaveTheChecksumsThatTheJarStates() throws IOException {
        Path folder = ModelFolder.resolve("embedded:hebrew-mini");
        List<String> lines;
        try (InputStream in = EmbeddedModelTest.class.getResourceAsStream(RESOURCES + "SHA256SUMS")) {
            assertThat(in).isNotNull();
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
        for (String line : lines) {
            String[] parts = line.split(" +", 2); // checksum, file name, as sha256sum writes them
            assertThat(Sha256.ofFile(folder.resolve(parts[1]))).as(parts[1]).isEqualTo(parts[0]);
        }
    }

    @Test
    void itsWeightsAreSmallEnoughToShip() throws IOException {
        assertThat(Files.size(ModelFolder.resolve("embedded:hebrew-mini").resolve("model.safetensors")))
                .isLessThan(50_000_000);
    }

    @Test
    void itHasLearnedTheOrderOfHebrewWords() {
        Path folder = ModelFolder.resolve("embedded:hebrew-mini");
        try (Decoder decoder = Decoder.load(folder, DType.F32);
                Tokenizer tokenizer = Tokenizer.load(folder)) {
            int[] ids = tokenizer.encode(SENTENCE, true).ids();
            int[] reversed = ids.clone();
            for (int i = 1; i < ids.length; i++) {
                reversed[i] = ids[ids.length - i]; // the first token begins every text
            }
            double uniform = Math.log(decoder.config().vocabSize());
            assertThat(loss(decoder, ids)).isLessThan(0.6 * uniform);
            assertThat(loss(decoder, ids)).isLessThan(loss(decoder, reversed) - 1);
        }
    }

    @Test
    void itEncodes() {
        try (Llm2Vec model = Llm2Vec.load("embedded:hebrew-mini")) {
            float[][] vectors = model.encode(List.of("שלום עולם", "בוקר טוב"));
            assertThat(vectors).hasDimensions(2, model.dimensions());
            assertThat(vectors[0]).isNotEqualTo(vectors[1]);
        }
    }

    /** Nats a token of next-token prediction. */
    private static double loss(Decoder decoder, int[] ids) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Pass pass = Pass.inference(Pass.Direction.CAUSAL, DType.F32);
            Tensor states = decoder.hiddenStates(TokenBatch.of(List.of(ids), 0), pass)
                    .reshape(ids.length, -1)
                    .narrow(0, 0, ids.length - 1L);
            long[] next = Arrays.stream(ids).skip(1).asLongStream().toArray();
            return states.linear(pass.use(decoder.head()), null)
                    .crossEntropy(Tensor.of(next, next.length))
                    .item();
        }
    }
}
