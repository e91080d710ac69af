package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.github.luben.zstd.Zstd;
import io.github.llm2vec4j.core.torch.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables in every format and packing, and what is said of damaged ones. */
class TableTest {
    private static final String CSV = "id,body\r\n1,שלום\r\n2,\r\n3,\"two\nlines, \"\"quoted\"\"\"\n4,NULL\n";
    private static final List<String> BODIES = Arrays.asList("שלום", null, "two\nlines, \"quoted\"", "NULL");

    @TempDir
    private Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content);
        }
        return packed.toByteArray();
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

    private static List<String> column(Path file, String column) {
        return rows(file).stream().map(row -> row.text(column)).toList();
    }

    /** Four rows, of which the second has no body and the third one of two lines. */
    private Path parquet(String name) throws IOException {
        Path file = folder.resolve(name);
        try (ParquetVectorWriter writer = new ParquetVectorWriter(file, DType.F32, List.of("id", "body"))) {
            for (int i = 0; i < BODIES.size(); i++) {
                String body = BODIES.get(i);
                writer.add(
                        "",
                        body == null
                                ? Map.of("id", IntNode.valueOf(i + 1))
                                : Map.of("id", IntNode.valueOf(i + 1), "body", TextNode.valueOf(body)),
                        new float[] {i, 0.5f});
            }
            writer.finish();
        }
        return file;
    }

    @Test
    void everyFormatAndPackingGivesTheSameRows() throws IOException {
        byte[] csv = bytes(CSV);
        byte[] lines =
                bytes("{\"id\":1,\"body\":\"שלום\"}\n{\"id\":2,\"body\":null}\n\n{\"id\":3,\"body\":\"two\\nlines,"
                        + " \\\"quoted\\\"\"}\n{\"id\":4,\"body\":\"NULL\"}\n");
        assertThat(column(file("a.csv", csv), "body")).isEqualTo(BODIES);
        assertThat(column(file("a.csv.gz", gzip(csv)), "body")).isEqualTo(BODIES);
        assertThat(column(file("a.csv.zst", Zstd.compress(csv)), "body")).isEqualTo(BODIES);
        assertThat(column(file("a.jsonl", lines), "body")).isEqualTo(BODIES);
        assertThat(column(file("a.json.zst", Zstd.compress(lines)), "body")).isEqualTo(BODIES);
        assertThat(column(parquet("a.parquet"), "body")).isEqualTo(BODIES);
        assertThat(column(file("a.tsv", bytes("id\tbody\n1\tשלום\n2\t\n3\t\"x\n")), "body"))
                .as("a quote is nothing special between tabs")
                .containsExactly("שלום", null, "\"x");
        assertThat(column(file("a.txt.zst", Zstd.compress(bytes("one\n\ntwo"))), "text"))
                .containsExactly("one", "", "two");
    }

    @Test
    void packedFilesMayBeJoined() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(gzip(bytes("one\n")));
        both.write(gzip(bytes("two\n")));
        assertThat(column(file("a.txt.gz", both.toByteArray()), "text")).containsExactly("one", "two");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstName() throws IOException {
        try (Table table = Table.open(file("a.csv", bytes("\uFEFFid,body\n1,x\n")))) {
            assertThat(table.columns()).containsExactly("id", "body");
        }
    }

    @Test
    void anEmptyLineIsARowOfASingleColumnAlone() throws IOException {
        assertThat(column(file("one.csv", bytes("text\na\n\nb\n")), "text")).containsExactly("a", null, "b");
        assertThat(column(file("two.csv", bytes("id,text\n1,a\n\n2,b\n")), "text"))
                .containsExactly("a", "b");
    }

    @Test
    void ofParquetOtherTypesAreRead() throws IOException {
        List<Row> rows = rows(parquet("a.parquet"));
        assertThat(rows.get(2).value("id").asInt()).isEqualTo(3);
        assertThat(rows.get(2).value("embedding")).hasToString("[2.0,0.5]");
        assertThat(rows.get(2).place()).endsWith("a.parquet row 3");
        assertThatThrownBy(() -> rows.get(2).text("id"))
                .isInstanceOf(BadDataException.class)
                .hasMessageEndingWith("a.parquet row 3: expected a text in column 'id', found 3");
    }

    static Stream<Arguments> damaged() {
        return Stream.of(
                arguments("a.csv", bytes(""), "a.csv: is empty: expected a line of column names"),
                arguments(
                        "a.csv",
                        bytes("id,body\n1,a\n2,b,c\n"),
                        "a.csv line 3: expected 2 cells as in the first line, found 3"),
                arguments(
                        "a.csv",
                        bytes("id,body\n1,\"a\nb\"\n2\n"),
                        "a.csv line 4: expected 2 cells as in the first line, found 1"),
                arguments(
                        "a.csv",
                        bytes("id,body\n1,a\n2,\"b\n3,c\n"),
                        "a.csv line 3: a quote is opened and never closed"),
                arguments(
                        "a.csv",
                        bytes("id,body,body\n1,a,b\n"),
                        "a.csv line 1: two columns are called 'body': rename one"),
                arguments(
                        "a.csv",
                        new byte[] {'a', ',', 'b', '\n', '1', ',', '2', '\n', '3', ',', (byte) 0xE9, '\n'},
                        "a.csv line 3: not valid UTF-8"),
                arguments("a.tsv", bytes("a\tb\n1\t2\n3\tx\0y\n"), "a.tsv line 3: holds a null byte"),
                arguments("a.jsonl", bytes("{\"a\":1}\n{\"a\":\n"), "a.jsonl line 2: not valid JSON"),
                arguments(
                        "a.jsonl",
                        bytes("{\"a\":1}\n{\"a\":1,\"a\":2}\n"),
                        "a.jsonl line 2: not valid JSON: Duplicate"),
                arguments("a.json", bytes("[{\"a\":1}]\n"), "a.json line 1: expected a JSON object"),
                arguments("a.parquet", bytes("id,body\n"), "a.parquet: cannot be read as Parquet, is it whole?"),
                arguments("a.parquet", bytes(""), "a.parquet: cannot be read as Parquet, is it whole?"),
                arguments("a.csv.gz", bytes("id,body\n"), "a.csv.gz: cannot be read"),
                arguments("a.csv.zst", bytes("id,body\n1,2\n"), "a.csv.zst"));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void whatIsWrongIsNamedByItsPlace(String name, byte[] content, String message) throws IOException {
        Path file = file(name, content);
        assertThatThrownBy(() -> rows(file))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"gz", "zst"})
    void aPackedFileThatIsCutShortIsNoticed(String ending) throws IOException {
        byte[] lines = bytes("id,body\n" + "1,some text that is long enough\n".repeat(5000));
        byte[] packed = ending.equals("gz") ? gzip(lines) : Zstd.compress(lines);
        Path file = file("a.csv." + ending, Arrays.copyOf(packed, packed.length / 2));
        assertThatThrownBy(() -> rows(file))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("a.csv." + ending)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aParquetFileThatIsCutShortIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(parquet("a.parquet"));
        Path file = file("cut.parquet", Arrays.copyOf(whole, whole.length - 20));
        assertThatThrownBy(() -> rows(file))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("cut.parquet: cannot be read as Parquet, is it whole?");
    }

    @ParameterizedTest
    @CsvSource({
        "TEXT, line 2: is longer than 16 MiB",
        "JSON_LINES, line 2: is longer than 16 MiB",
        "CSV, line 2: a cell is longer than 16 MiB"
    })
    void aLineWithoutEndIsRefusedBeforeItFillsTheMemory(TableFormat format, String message) {
        byte[] start = bytes(format == TableFormat.JSON_LINES ? "{\"a\":1}\n" : "id,body\n");
        InputStream endless = new InputStream() {
            private long given;

            @Override
            public int read() {
                return given < start.length ? start[(int) given++] : given++ < 100_000_000 ? 'x' : -1;
            }
        };
        try (Table table = Table.of("endless", endless, format)) {
            assertThatThrownBy(() -> {
                        table.next();
                        table.next();
                    })
                    .isInstanceOf(BadDataException.class)
                    .hasMessageContaining("endless " + message);
        }
    }

    @Test
    void aMissingColumnIsNamedWithThoseThereAre() throws IOException {
        for (Path file : List.of(file("a.csv", bytes(CSV)), parquet("a.parquet"))) {
            try (Table table = Table.open(file)) {
                assertThatThrownBy(() -> table.need(List.of("id", "text")))
                        .isInstanceOf(BadDataException.class)
                        .hasMessageContaining(file + ": has no column 'text'; there are [id, body");
            }
        }
    }

    /** The file is 48 GiB long, and holds zeros after its rows. */
    @Test
    void ofALargeFileNoMoreIsReadThanTheRowsAskedFor() throws IOException {
        StringBuilder rows = new StringBuilder("text\n");
        for (int i = 0; i < 2000; i++) {
            rows.append(i % 10 == 3 ? "\"\"" : "\"row " + i + "\nsecond line\"").append('\n');
        }
        Path file = file("large.csv", bytes(rows.toString()));
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(48L << 30);
        }
        Texts.Selection selection = new Texts.Selection(List.of("text"), new RowRange(1000, 1900), 0);
        try (Texts texts = new Texts(List.of(file), selection)) {
            assertThat(texts.next()).isEqualTo("row 1000\nsecond line");
            String last = "";
            while (texts.hasNext()) {
                last = texts.next();
            }
            assertThat(last).isEqualTo("row 1899\nsecond line");
            assertThat(texts.rows()).isEqualTo(900);
            assertThat(texts.empty()).isEqualTo(90);
            assertThat(texts.texts()).isEqualTo(810);
        }
    }

    @Test
    void rowsAreCountedOverAllFiles() throws IOException {
        List<Path> files = List.of(file("a.txt", bytes("0\n1\n")), file("b.csv", bytes("text\n2\n3\n")));
        try (Texts texts = new Texts(files, new Texts.Selection(List.of("text"), new RowRange(1, 3), 0))) {
            assertThat(texts).toIterable().containsExactly("1", "2");
        }
    }

    /** What a query could do: read another file, write one, attach or load something. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM read_csv('@/other.csv')",
                "SELECT * FROM read_text('@/other.csv')",
                "COPY (SELECT 1) TO '@/made.csv'",
                "ATTACH '@/made.db'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "SET enable_external_access = true",
                "SET autoload_known_extensions = true",
                "SELECT * FROM read_parquet('https://localhost/a.parquet')"
            })
    void theDatabaseCanDoNothingElse(String sql) throws Exception {
        file("other.csv", bytes(CSV));
        Path allowed = parquet("a.parquet");
        try (Connection connection = DuckDb.open(allowed, null)) {
            assertThatThrownBy(() -> execute(connection, sql.replace("@", folder.toString())))
                    .isInstanceOf(SQLException.class)
                    .hasMessageMatching("(?s).*(Permission Error|is disabled|has been locked).*");
            execute(connection, "SELECT * FROM read_parquet(" + DuckDb.text(allowed.toString()) + ")");
        }
        assertThat(folder.resolve("made.csv")).doesNotExist();
        assertThat(folder.resolve("made.db")).doesNotExist();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
