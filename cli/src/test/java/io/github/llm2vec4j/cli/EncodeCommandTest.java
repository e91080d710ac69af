package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** {@code encode}: texts in, vectors out, whatever the files. */
class EncodeCommandTest {
    /** Of differing lengths, so that batches reorder them; blank lines too, and what is awkward in JSON. */
    private static final List<String> TEXTS = List.of(
            "a somewhat longer line that stands first although it is the longest one of all",
            "",
            "שלום עולם",
            "short",
            "   ",
            "\"quoted\" \\ back\tslash and \uD83D\uDE00",
            "a line of middle length");

    private static final List<String> ENDINGS = EmbeddingFiles.ENDINGS;

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static String model;
    private static Path input;
    private static float[][] expected;

    @BeforeAll
    static void encodeWithTheLibrary() throws IOException {
        model = Golden.OWN.file("models/mistral").toString();
        input = Files.writeString(shared.resolve("texts.txt"), String.join("\n", TEXTS) + "\n");
        try (Llm2Vec loaded = Llm2Vec.builder(model).dtype("float32").build()) {
            expected = loaded.encode(TEXTS);
        }
    }

    private Path encode(String name, String... more) {
        Path out = folder.resolve(name);
        List<String> args = new ArrayList<>(List.of("encode", "--model", model, "--dtype", "float32"));
        args.addAll(List.of("--out", out.toString()));
        args.addAll(List.of(more));
        Cli.Result result = Cli.run(args.toArray(String[]::new)).assertDone();
        assertThat(result.out()).isEmpty();
        return out;
    }

    private Path encode(byte[] standardInput, String name, String... more) {
        Path out = folder.resolve(name);
        List<String> args = new ArrayList<>(List.of("encode", "--model", model, "--dtype", "float32"));
        args.addAll(List.of("--out", out.toString()));
        args.addAll(List.of(more));
        Cli.run(standardInput, args.toArray(String[]::new)).assertDone();
        return out;
    }

    private static float[][] read(Path file) throws IOException {
        String name = file.toString();
        if (name.endsWith(".npy")) {
            return npy(file);
        }
        if (name.endsWith(".safetensors")) {
            try (Scope scope = Scope.open();
                    SafetensorsFile stored = SafetensorsFile.open(file)) {
                assertThat(stored.names()).containsExactly("embeddings");
                return stored.tensor("embeddings").toRows();
            }
        }
        return jsonl(file, new ArrayList<>());
    }

    /** NumPy's format 1.0, by its specification. */
    private static float[][] npy(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[8];
        bytes.get(magic);
        assertThat(magic).containsExactly(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0);
        byte[] header = new byte[bytes.getShort()];
        bytes.get(header);
        assertThat(bytes.position() % 64).isZero();
        String text = new String(header, StandardCharsets.US_ASCII);
        assertThat(text).contains("'descr': '<f4'", "'fortran_order': False").endsWith("\n");
        String[] shape = text.replaceAll("(?s).*'shape': \\((\\d+), (\\d+)\\).*", "$1 $2")
                .split(" ");
        float[][] rows = new float[Integer.parseInt(shape[0])][Integer.parseInt(shape[1])];
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = bytes.getFloat();
            }
        }
        assertThat(bytes.hasRemaining()).isFalse();
        return rows;
    }

    private static float[][] jsonl(Path file, List<String> texts) throws IOException {
        List<float[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode json = new JsonMapper().readTree(line);
            texts.add(json.path("text").asText());
            JsonNode values = json.path("embedding");
            float[] row = new float[values.size()];
            for (int i = 0; i < row.length; i++) {
                row[i] = values.get(i).floatValue();
            }
            rows.add(row);
        }
        return rows.toArray(float[][]::new);
    }

    @ParameterizedTest
    @FieldSource("ENDINGS")
    void everyFormatHoldsTheVectorsOfTheLibraryInTheOrderOfTheLines(String ending) throws IOException {
        float[][] rows = read(encode("v" + ending, "--in", input.toString()));
        assertThat(rows).isDeepEqualTo(expected);
    }

    @Test
    void jsonLinesHoldTheTextsToo() throws IOException {
        List<String> texts = new ArrayList<>();
        jsonl(encode("v.jsonl", "--in", input.toString()), texts);
        assertThat(texts).isEqualTo(TEXTS);
    }

    @Test
    void aBlankLineHasAVectorSoThatRowNIsLineN() throws IOException {
        float[][] rows = read(encode("v.npy", "--in", input.toString()));
        assertThat(rows).hasDimensions(TEXTS.size(), 32);
        for (float[] row : rows) {
            for (float value : row) {
                assertThat(value).isFinite();
            }
        }
    }

    @Test
    void standardInputIsReadAsAFileIs() throws IOException {
        byte[] bytes = Files.readAllBytes(input);
        assertThat(read(encode(bytes, "dash.npy", "--in", "-"))).isDeepEqualTo(expected);
        assertThat(read(encode(bytes, "default.npy"))).isDeepEqualTo(expected);
        byte[] withoutLastEnd = java.util.Arrays.copyOf(bytes, bytes.length - 1);
        assertThat(read(encode(withoutLastEnd, "end.npy"))).isDeepEqualTo(expected);
        byte[] windows = ("\uFEFF" + String.join("\r\n", TEXTS)).getBytes(StandardCharsets.UTF_8);
        assertThat(read(encode(windows, "crlf.npy"))).isDeepEqualTo(expected);
    }

    @Test
    void aFieldOfJsonLinesIsReadFromAFileAndFromStandardInput() throws IOException {
        String lines = TEXTS.stream()
                .map(text -> new JsonMapper().createObjectNode().put("id", 1).put("title", text) + "\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("in.jsonl"), lines);
        assertThat(read(encode("file.npy", "--in", file.toString(), "--field", "title")))
                .isDeepEqualTo(expected);
        byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
        assertThat(read(encode(bytes, "stdin.npy", "--field", "title"))).isDeepEqualTo(expected);
    }

    @Test
    void vectorsAreCutThenScaled() throws IOException {
        float[][] rows = read(encode("v.npy", "--in", input.toString(), "--dim", "8", "--normalize"));
        for (int r = 0; r < rows.length; r++) {
            assertThat(rows[r]).hasSize(8);
            double norm = 0;
            double expectedNorm = 0;
            for (int i = 0; i < 8; i++) {
                norm += rows[r][i] * rows[r][i];
                expectedNorm += expected[r][i] * expected[r][i];
            }
            assertThat(norm).isCloseTo(1, within(1e-5));
            assertThat(rows[r][0]).isCloseTo((float) (expected[r][0] / Math.sqrt(expectedNorm)), within(1e-6f));
        }
    }

    @Test
    void aFileOfBeforeIsReplaced() throws IOException {
        Files.writeString(folder.resolve("v.npy"), "old");
        assertThat(read(encode("v.npy", "--in", input.toString()))).isDeepEqualTo(expected);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("v.npy"));
        }
    }
}
