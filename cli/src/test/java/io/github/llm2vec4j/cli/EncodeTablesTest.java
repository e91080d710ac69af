package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code encode}: from tables of every format and to Parquet. */
class EncodeTablesTest {
    private static final List<String> TEXTS = List.of("שלום עולם", "", "two\nlines, \"quoted\"", "short");
    private static final String CSV =
            "id,title,score\n1,שלום עולם,0.5\n2,,1.5\n3,\"two\nlines, \"\"quoted\"\"\",\n4,short,2\n";
    private static final String LINES = """
            {"id": 1, "title": "שלום עולם", "score": 0.5, "tags": ["a"]}
            {"id": 2, "title": null, "score": 1.5, "tags": []}
            {"id": 3, "title": "two\\nlines, \\"quoted\\"", "score": null, "tags": null}
            {"id": 4, "title": "short", "score": 2, "tags": ["b", "c"]}
            """;

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static String model;
    private static float[][] expected;

    @BeforeAll
    static void encodeWithTheLibrary() throws IOException {
        model = Golden.OWN.file("models/mistral").toString();
        try (Llm2Vec loaded = Llm2Vec.builder(model).dtype("float32").build()) {
            expected = loaded.encode(TEXTS);
        }
        byte[] csv = CSV.getBytes(StandardCharsets.UTF_8);
        byte[] lines = LINES.getBytes(StandardCharsets.UTF_8);
        Files.write(shared.resolve("in.csv"), csv);
        Files.write(shared.resolve("in.csv.gz"), gzip(csv));
        Files.write(shared.resolve("in.csv.zst"), Zstd.compress(csv));
        Files.write(shared.resolve("in.jsonl"), lines);
        Files.write(shared.resolve("in.jsonl.zst"), Zstd.compress(lines));
        Files.writeString(
                shared.resolve("in.tsv"),
                CSV.replace("\"two\nlines, \"\"quoted\"\"\"", "x").replace(',', '\t'));
        run("in.jsonl", shared.resolve("in.parquet"), "--field", "title", "--keep", "id,title,score,tags")
                .assertDone();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
    }

    private static Cli.Result run(String in, Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("encode", "--model", model, "--dtype", "float32"));
        args.addAll(List.of("--in", shared.resolve(in).toString(), "--out", out.toString()));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    private static List<Row> rows(Path file) {
        List<Row> rows = new ArrayList<>();
        try (Table table = Table.open(file)) {
            for (Row row = table.next(); row != null; row = table.next()) {
                rows.add(row);
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"in.csv", "in.csv.gz", "in.csv.zst", "in.jsonl", "in.jsonl.zst", "in.parquet"})
    void aRowWithoutATextKeepsItsPlaceAndIsCounted(String in) {
        Path out = folder.resolve("v.npy");
        Cli.Result result = run(in, out, "--field", "title", "--quiet").assertDone();
        assertThat(EmbeddingFiles.readNpy(out)).isDeepEqualTo(expected);
        assertThat(result.err().lines())
                .containsExactly("llm2vec: 1 of 4 rows have no text and were encoded as the empty text");
    }

    @Test
    void tabsPartColumnsToo() {
        Path out = folder.resolve("v.npy");
        run("in.tsv", out, "--field", "title").assertDone();
        float[][] rows = EmbeddingFiles.readNpy(out);
        assertThat(rows).hasDimensions(4, 32);
        assertThat(rows[3]).isEqualTo(expected[3]);
    }

    @Test
    void parquetHoldsTheVectorsAndWhatIsKeptOfTheRows() {
        Path out = folder.resolve("v.parquet");
        run("in.jsonl", out, "--field", "title", "--keep", "id,score,tags").assertDone();
        List<Row> rows = rows(out);
        assertThat(rows).hasSize(4);
        for (int i = 0; i < 4; i++) {
            Row row = rows.get(i);
            assertThat(row.values().keySet()).containsExactly("id", "score", "tags", "embedding");
            assertThat(row.value("id").isIntegralNumber()).isTrue();
            assertThat(row.value("id").asInt()).isEqualTo(i + 1);
            assertThat(row.value("embedding")).hasSize(32);
            for (int d = 0; d < 32; d++) {
                assertThat(row.value("embedding").get(d).floatValue()).isEqualTo(expected[i][d]);
            }
        }
        assertThat(rows.get(0).value("score").doubleValue()).isEqualTo(0.5);
        assertThat(rows.get(2).value("score").isNull()).isTrue();
        assertThat(rows.get(3).text("tags"))
                .as("what is neither text, number nor truth value is JSON")
                .isEqualTo("[\"b\",\"c\"]");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(out);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void jsonLinesKeepColumnsToo() {
        Path out = folder.resolve("v.jsonl");
        run("in.parquet", out, "--field", "title", "--keep", "id").assertDone();
        List<Row> rows = rows(out);
        assertThat(rows).allMatch(row -> row.values().keySet().equals(java.util.Set.of("text", "id", "embedding")));
        assertThat(rows.get(3).value("id").asInt()).isEqualTo(4);
        assertThat(rows.get(3).text("text")).isEqualTo("short");
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "uint8", "binary", "ubinary"})
    void parquetHoldsBytesAsTheOtherFormatsDo(String precision) {
        Path parquet = folder.resolve("v.parquet");
        Path lines = folder.resolve("v.jsonl");
        run("in.csv", parquet, "--field", "title", "--keep", "title", "--precision", precision)
                .assertDone();
        run("in.csv", lines, "--field", "title", "--precision", precision).assertDone();
        List<Row> bytes = rows(parquet);
        List<Row> expectedBytes = rows(lines);
        for (int i = 0; i < 4; i++) {
            assertThat(bytes.get(i).value("embedding"))
                    .hasToString(expectedBytes.get(i).value("embedding").toString());
        }
        assertThat(bytes.get(3).text("title")).isEqualTo("short");
    }

    @Test
    void moreTextsThanAreReadAtOnceStayInTheirOrder() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 4200; i++) {
            lines.add("abcdefgh".substring(i % 8));
        }
        Path in = Files.write(folder.resolve("many.txt"), lines);
        Path out = folder.resolve("v.npy");
        run(in.toString(), out).assertDone();
        float[][] rows = EmbeddingFiles.readNpy(out);
        assertThat(rows.length).isEqualTo(4200);
        for (int i = 0; i < 4200; i++) {
            for (int d = 0; d < 32; d++) {
                assertThat(rows[i][d]).isCloseTo(rows[i % 8][d], org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        Path out = folder.resolve("v.parquet");
        run("in.csv", out).assertRefused("in.csv: has no column 'text'; there are [id, title, score]");
        run("in.parquet", out).assertRefused("in.parquet: has no column 'text'");
        run("in.csv", out, "--field", "title", "--keep", "id,none").assertRefused("has no column 'none'");
        run("in.csv", out, "--field", "title", "--keep", "id,id")
                .assertRefused("--keep id: the output would have two columns");
        run("in.csv", out, "--field", "title", "--keep", "embedding").assertRefused("--keep embedding");
        run("in.csv", folder.resolve("v.npy"), "--field", "title", "--keep", "id")
                .assertRefused("--keep id", "v.npy holds vectors alone: expected --out .jsonl or .parquet");
        run("in.jsonl", out, "--field", "score")
                .assertRefused("in.jsonl line 1: expected a text in column 'score', found 0.5");
        Path text = Files.writeString(folder.resolve("a.txt"), "one\n");
        run(text.toString(), out, "--keep", "id").assertRefused("--keep id: a plain text has no columns");
        Path late = Files.writeString(folder.resolve("late.csv"), "text\n" + "a\n".repeat(5000) + "b,c\n");
        run(late.toString(), out).assertRefused("late.csv line 5002: expected 1 cells");
        run(late.toString(), folder.resolve("v.npy")).assertRefused("late.csv line 5002");
        try (var files = Files.list(folder)) {
            assertThat(files).as("nothing is left behind").containsExactlyInAnyOrder(text, late);
        }
    }

    /** 150 MB of a column that is not asked for, in a process whose heap holds 64 MB. */
    @Test
    void aFileLargerThanTheHeapIsEncoded() throws Exception {
        Path in = folder.resolve("large.csv");
        String filler = "x".repeat(1_000_000);
        try (BufferedWriter writer = Files.newBufferedWriter(in)) {
            writer.write("text,filler\n");
            for (int i = 0; i < 150; i++) {
                writer.write("text " + i + "," + filler + "\n");
            }
        }
        Path out = folder.resolve("v.npy");
        Cli.Result result = Cli.runAlone(
                List.of("-Xmx64m"),
                "",
                "encode",
                "--model",
                model,
                "--dtype",
                "float32",
                "--in",
                in.toString(),
                "--out",
                out.toString());
        result.assertDone();
        assertThat(EmbeddingFiles.readNpy(out)).hasDimensions(150, 32);
    }
}
