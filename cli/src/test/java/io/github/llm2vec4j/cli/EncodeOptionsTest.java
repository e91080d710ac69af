package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.Precision;
import io.github.llm2vec4j.core.encoder.Quantizer;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code encode}: how texts are prepared, and in what form vectors are kept. */
class EncodeOptionsTest {
    private static final List<String> TEXTS = List.of("שלום עולם", "the river carried it away", "short", "");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static String model;
    private static Path input;

    @BeforeAll
    static void writeModel() throws IOException {
        Path copy = Golden.OWN.copy("models/mistral", shared.resolve("model"));
        Files.writeString(
                copy.resolve("config_sentence_transformers.json"),
                "{\"prompts\": {\"query\": \"question: \", \"document\": \"\"}}");
        model = copy.toString();
        input = Files.writeString(shared.resolve("texts.txt"), String.join("\n", TEXTS) + "\n");
    }

    private Cli.Result run(Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("encode", "--model", model, "--dtype", "float32"));
        args.addAll(List.of("--in", input.toString(), "--out", out.toString()));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    private float[][] vectors(String... more) {
        Path out = folder.resolve("v.npy");
        run(out, more).assertDone();
        return EmbeddingFiles.readNpy(out);
    }

    private static Llm2Vec.Builder library() {
        return Llm2Vec.builder(model).dtype("float32");
    }

    @Test
    void aPromptIsChosenByItsName() {
        try (Llm2Vec loaded = library().build()) {
            assertThat(vectors("--prompt", "query")).isDeepEqualTo(loaded.encode(loaded.prompt("query"), TEXTS));
            assertThat(vectors()).isDeepEqualTo(loaded.encode(Instruction.NONE, TEXTS));
        }
        run(folder.resolve("v.npy"), "--prompt", "passage").assertRefused("--prompt", "query, document");
        run(folder.resolve("v.npy"), "--prompt", "query", "--instruction", "x").assertRefused("--instruction");
    }

    @Test
    void theReferenceIsFollowedOnRequest() {
        float[][] here;
        float[][] there;
        try (Llm2Vec loaded = library().build()) {
            here = loaded.encode(TEXTS);
        }
        try (Llm2Vec loaded = library().referenceCompat(true).build()) {
            there = loaded.encode(TEXTS);
        }
        assertThat(vectors("--reference-compat")).isDeepEqualTo(there);
        assertThat(there[3]).as("the empty text").isNotEqualTo(here[3]);
    }

    @Test
    void theLargestValuesArePooled() {
        try (Llm2Vec loaded = library().pooling(Pooling.MAX).build()) {
            assertThat(vectors("--pooling", "max")).isDeepEqualTo(loaded.encode(TEXTS));
        }
    }

    @Test
    void theTextsThatWereCutAreCountedInOneLine() throws IOException {
        Path longTexts = Files.writeString(
                folder.resolve("long.txt"), "a long text ".repeat(200) + "\nshort\n" + "אבג".repeat(400) + "\n");
        Cli.Result result = Cli.run(
                "encode", "--quiet", "--model", model, "--in", longTexts.toString(), "--out", folder + "/v.npy");
        result.assertDone();
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .contains("2 of 3 texts were too long and cut", "400", "512");
        assertThat(run(folder.resolve("v.npy"), "--quiet").assertDone().err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "uint8", "binary", "ubinary"})
    void bytesAreThoseOfTheVectors(String name) throws IOException {
        Precision precision = Precision.of(name);
        float[][] vectors = vectors("--dim", "24", "--normalize");
        Path out = folder.resolve("bytes.npy");
        Cli.Result result = run(out, "--dim", "24", "--normalize", "--precision", name, "--quiet");
        result.assertDone();
        Path expected = folder.resolve("expected.npy");
        EmbeddingFiles.write(
                expected, Quantizer.of(precision, vectors).quantize(vectors), precision.isUnsigned(), TEXTS);
        assertThat(out).hasSameBinaryContentAs(expected);
        assertThat(result.err().contains("4 texts alone"))
                .as("few texts set the levels")
                .isEqualTo(precision.isCalibrated());
    }

    @Test
    void levelsComeFromOtherTextsOrVectors() throws IOException {
        List<String> others = IntStream.range(0, 30).mapToObj(i -> "text " + i).toList();
        Path file = Files.write(folder.resolve("others.txt"), others);
        float[][] vectors = vectors("--normalize");
        float[][] levels;
        Path saved = folder.resolve("levels.npy");
        try (Llm2Vec loaded = library().build()) {
            levels = loaded.encode(others);
        }
        for (int i = 0; i < levels.length; i++) {
            levels[i] = EmbeddingFiles.shape(levels[i], levels[i].length, true);
        }
        EmbeddingFiles.write(saved, levels, others);
        Path expected = folder.resolve("expected.npy");
        EmbeddingFiles.write(expected, Quantizer.of(Precision.INT8, levels).quantize(vectors), false, TEXTS);
        for (Path calibration : List.of(file, saved)) {
            Path out = folder.resolve("bytes.npy");
            Cli.Result result =
                    run(out, "--normalize", "--precision", "int8", "--calibration", calibration.toString(), "--quiet");
            assertThat(result.assertDone().err()).isEmpty();
            assertThat(out).as("calibrated by %s", calibration).hasSameBinaryContentAs(expected);
        }
    }

    @Test
    void whatCannotBeQuantisedIsRefused() throws IOException {
        Path out = folder.resolve("bytes.npy");
        run(out, "--precision", "int4").assertRefused("--precision", "ubinary");
        run(out, "--precision", "ubinary", "--dim", "12").assertRefused("--precision", "12");
        run(out, "--calibration", input.toString()).assertRefused("--calibration", "float32");
        Path other = folder.resolve("other.npy");
        EmbeddingFiles.write(other, new float[3][7], Collections.nCopies(3, ""));
        run(out, "--precision", "int8", "--calibration", other.toString()).assertRefused("--calibration", "7");
        assertThat(out).doesNotExist();
    }
}
