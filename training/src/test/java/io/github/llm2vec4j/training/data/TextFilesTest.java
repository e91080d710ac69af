package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aByteOrderMarkIsNoPartOfTheText() throws IOException {
        assertThat(texts("a.txt", "\uFEFFשלום\nעולם\n")).containsExactly("שלום", "עולם");
        assertThat(texts("a.jsonl", "\uFEFF{\"text\":\"שלום\"}\n")).containsExactly("שלום");
        assertThat(texts("b.txt", "שלום\n\uFEFFעולם\n")).as("only at the start").containsExactly("שלום", "\uFEFFעולם");
    }

    @Test
    void linesMayEndAsOnWindowsAndTheLastNeedNotEnd() throws IOException {
        assertThat(texts("a.txt", "one\r\ntwo\r\nthree")).containsExactly("one", "two", "three");
        assertThat(texts("a.jsonl", "{\"text\":\"one\"}\r\n{\"text\":\"two\"}")).containsExactly("one", "two");
    }

    @Test
    void blankLinesAreNoTextsButCountAsLines() throws IOException {
        Path file = file("a.txt", "one\n\n   \n\t\ntwo\n");
        assertThat(TextFiles.texts(List.of(file), List.of())).containsExactly("one", "two");
        assertThat(lines(file)).containsExactly("one", "", "   ", "\t", "two");
    }

    @Test
    void textKeepsItsMarksSpacesAndRareCharacters() throws IOException {
        String text = "  שָׁלוֹם \u200Fעולם\u200E 😴 \u00A0end ";
        assertThat(texts("a.txt", text + "\n")).containsExactly(text);
    }

    @Test
    void filesAreReadOneAfterTheOther() throws IOException {
        assertThat(TextFiles.texts(
                        List.of(file("b.txt", "1\n2\n"), file("a.jsonl", "{\"text\":\"3\"}\n"), file("c.txt", "4")),
                        List.of("text")))
                .containsExactly("1", "2", "3", "4");
    }

    @Test
    void packedFilesAreReadAsTheyAre() throws IOException {
        Path file = folder.resolve("a.txt.gz");
        Files.write(file, gzip("שלום\nעולם\n"));
        assertThat(TextFiles.texts(List.of(file), List.of())).containsExactly("שלום", "עולם");
        Path rows = folder.resolve("a.jsonl.gz");
        Files.write(rows, gzip("{\"text\":\"שלום\"}\n"));
        assertThat(TextFiles.texts(List.of(rows), List.of("text"))).containsExactly("שלום");
    }

    @Test
    void ofJsonLinesTheNamedFieldsThatARowHasAreTaken() throws IOException {
        Path file = file("a.jsonl", """
                {"query":"q","positive":"p","negative":["n","m"]}
                {"positive":" "}
                {"query":null}
                {"query":"r"}
                """);
        assertThat(TextFiles.texts(List.of(file), List.of("query", "positive", "negative")))
                .containsExactly("q", "p", "n", "m", "r");
    }

    // ---- what cannot be read ----

    @Test
    void aNullByteIsNamedByFileAndLine() throws IOException {
        Path file = file("a.txt", "one\n\ntwo\0\nthree\n");
        assertBad(() -> TextFiles.texts(List.of(file), List.of()))
                .hasMessageContainingAll(file.toString(), "line 3", "null byte");
    }

    @ParameterizedTest
    @CsvSource({"1, LF", "3, LF", "3, CRLF", "3, CR", "2000, LF"})
    void bytesThatAreNotUtf8AreNamedByFileAndLine(int line, String ending) throws IOException {
        String end = ending.replace("CR", "\r").replace("LF", "\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 1; i <= line + 2; i++) {
            bytes.write(("שורה מספר " + i).getBytes(StandardCharsets.UTF_8));
            if (i >= line) {
                bytes.write(0xE9); // é in Latin-1
            }
            bytes.write(end.getBytes(StandardCharsets.UTF_8));
        }
        Path file = folder.resolve("a.txt");
        Files.write(file, bytes.toByteArray());
        assertBad(() -> TextFiles.texts(List.of(file), List.of()))
                .hasMessageContainingAll(file.toString(), "line " + line + ":", "UTF-8");
    }

    @Test
    void bytesThatAreNotUtf8AreFoundInAPackedFile() throws IOException {
        Path file = folder.resolve("a.txt.gz");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(new byte[] {'a', '\n', (byte) 0xFF, '\n'});
        }
        Files.write(file, packed.toByteArray());
        assertBad(() -> lines(file)).hasMessageContainingAll("a.txt.gz line 2:", "UTF-8");
    }

    @Test
    void aPackedFileThatIsCutIsNamed() throws IOException {
        byte[] whole = gzip("some text that is long enough\n".repeat(50));
        Path file = folder.resolve("a.txt.gz");
        Files.write(file, Arrays.copyOf(whole, whole.length - 12));
        assertBad(() -> TextFiles.texts(List.of(file), List.of())).hasMessageContaining("a.txt.gz");
        Path notPacked = file("b.txt.gz", "plain text\n");
        assertBad(() -> TextFiles.texts(List.of(notPacked), List.of())).hasMessageContaining("b.txt.gz");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"text\":\"cut", "[1,2]", "\"text\"", "plain", "{\"text\":\"a\",\"text\":\"b\"}"})
    void aLineThatIsNoJsonObjectIsNamed(String line) throws IOException {
        Path file = file("a.jsonl", "{\"text\":\"one\"}\n" + line + "\n");
        assertBad(() -> TextFiles.texts(List.of(file), List.of("text"))).hasMessageContaining("a.jsonl line 2");
    }

    @Test
    void aMissingFileAndOneWithoutTextAreNamed() throws IOException {
        assertBad(() -> TextFiles.texts(List.of(folder.resolve("none.txt")), List.of()))
                .hasMessageContaining("none.txt: no such file");
        Path empty = file("empty.txt", "\n \n");
        assertBad(() -> TextFiles.texts(List.of(empty), List.of())).hasMessageContainingAll("empty.txt", "no text");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertBad(ThrowingCallable reading) {
        return assertThatThrownBy(reading).isInstanceOf(BadDataException.class);
    }

    private static List<String> lines(Path file) {
        List<String> lines = new ArrayList<>();
        try (Table table = Table.open(file)) {
            for (Row row = table.next(); row != null; row = table.next()) {
                lines.add(row.text("text"));
            }
        }
        return lines;
    }

    private List<String> texts(String name, String content) throws IOException {
        return TextFiles.texts(List.of(file(name, content)), List.of("text"));
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static byte[] gzip(String content) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }
}
