package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.github.llm2vec4j.core.hub.HubException;
import io.github.llm2vec4j.core.hub.HubFault;
import io.github.llm2vec4j.core.hub.HubServer;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.core.hub.TransferSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets on the hub, of which only the rows are fetched that are asked for. */
class HubDataSetTest {
    private static final String NAME = "owner/data";

    /** As HeDC4: a column of texts, of which some rows are empty. About 20 MB. */
    private static final int ROWS = 60_000;

    private final HubServer server = HubServer.start();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(int row) {
        return "שורה " + row + " של טקסט ארוך, עם פסיק ו\"מירכאות\". ".repeat(4);
    }

    private static byte[] csv() {
        StringBuilder rows = new StringBuilder("text\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append(i % 10 == 3 ? "\"\"" : '"' + text(i).replace("\"", "\"\"") + '"')
                    .append('\n');
        }
        return bytes(rows.toString());
    }

    private void serve(Map<String, byte[]> files) {
        server.repo("datasets/" + NAME).commit("main", files);
    }

    private HubDataSet open(boolean offline) {
        return HubDataSet.open(
                NAME,
                new HubSettings(
                        server.endpoint(),
                        folder.resolve("hub"),
                        null,
                        offline,
                        ProxySelector.of(null),
                        new TransferSettings(4, 1000, Duration.ofMillis(900), Duration.ofMillis(2))));
    }

    private static List<String> texts(DataSet set, String column, long from, long to) {
        List<String> texts = new ArrayList<>();
        Texts.Selection selection = new Texts.Selection(List.of(column), new RowRange(from, to), 0);
        try (Texts all = new Texts(selection, List.of(set))) {
            all.forEachRemaining(texts::add);
        }
        return texts;
    }

    private static List<String> expected(int from, int to) {
        List<String> texts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            if (i % 10 != 3) {
                texts.add(text(i));
            }
        }
        return texts;
    }

    private List<String> train(@Nullable String config, long to) {
        return texts(open(false).split(config, "train"), "text", 0, to);
    }

    /** Bytes that were asked for of large files. */
    private long asked() {
        long bytes = 0;
        for (HubServer.Seen seen : server.seen()) {
            Matcher range = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(String.valueOf(seen.header("Range")));
            if (seen.server().equals("store")) {
                assertThat(range.matches()).as("%s", seen).isTrue();
                bytes += Long.parseLong(range.group(2)) + 1 - Long.parseLong(range.group(1));
            }
        }
        return bytes;
    }

    @Test
    void ofALargeCsvAThousandRowsAreAFewHundredKilobytes() {
        serve(Map.of("all.csv", csv()));
        assertThat(train(null, 1000)).isEqualTo(expected(0, 1000));
        assertThat(asked()).isBetween(100_000L, 800_000L);
        long before = asked();
        assertThat(train(null, 1000)).hasSize(900);
        assertThat(asked()).as("a second time").isEqualTo(before);
    }

    @Test
    void connectionsThatAreCutChangeNothing() {
        byte[] csv = csv();
        serve(Map.of("all.csv", csv));
        server.fail(HubFault.cut("store GET", 9, csv, 70_001));
        assertThat(texts(open(false).split(null, "train"), "text", 2000, 5000)).isEqualTo(expected(2000, 5000));
    }

    @Test
    void offlineThereAreTheRowsThatWereRead() {
        serve(Map.of("all.csv", csv()));
        train(null, 500);
        server.close();
        assertThat(texts(open(true).split(null, "train"), "text", 0, 500)).isEqualTo(expected(0, 500));
        assertThatThrownBy(() -> texts(open(true).split(null, "train"), "text", 0, 50_000))
                .isInstanceOf(HubException.class)
                .hasMessageContainingAll("datasets/owner/data", "all.csv", "only in part");
    }

    /** Rows with a text, in groups of 10,240, beside a column that is much larger. */
    private byte[] parquet(int rows) throws SQLException, IOException {
        Path file = folder.resolve("made.parquet");
        try (Connection connection = DuckDb.open(file, folder);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT 'text ' || i AS text, repeat(md5(i::VARCHAR), 20) AS other, {'he': 'א' || i} AS"
                            + " both FROM range(0, " + rows + ") numbers(i)) TO " + DuckDb.text(file.toString())
                            + " (FORMAT PARQUET, ROW_GROUP_SIZE 10240)");
        }
        return Files.readAllBytes(file);
    }

    @Test
    void ofParquetTheEndAndTheNeededColumnsOfTheNeededRowsAreFetched() throws Exception {
        byte[] parquet = parquet(200_000);
        serve(Map.of("data/train-00000-of-00001.parquet", parquet));
        List<String> some = texts(open(false).split(null, "train"), "text", 30_000, 30_003);
        assertThat(some).containsExactly("text 30000", "text 30001", "text 30002");
        assertThat(asked()).isLessThan(700_000).isLessThan(parquet.length / 10);
        List<String> all = train(null, Long.MAX_VALUE);
        assertThat(all).hasSize(200_000).endsWith("text 199999");
        assertThat(all.get(123_456)).isEqualTo("text 123456");
        assertThat(asked()).isLessThan(parquet.length / 2);
    }

    @Test
    void shardsAreReadOneAfterTheOther() throws Exception {
        byte[] parquet = parquet(11_000);
        serve(Map.of(
                "README.md",
                bytes(
                        "---\nconfigs:\n- config_name: he\n  data_files:\n  - split: train\n    path: he/train-*\n"
                                + "  - split: test\n    path: he/test-*\n- config_name: en\n  data_files: en.csv\n---\n# Data\n"),
                "he/train-00000-of-00002.parquet",
                parquet,
                "he/train-00001-of-00002.parquet",
                parquet,
                "he/test-00000-of-00001.parquet",
                parquet,
                "en.csv",
                bytes("text\none\n")));
        HubDataSet set = open(false);
        assertThat(texts(set.split("he", "train"), "text", 10_999, 11_001)).containsExactly("text 10999", "text 0");
        assertThat(set.split("he", "train").tables()).hasSize(2);
        assertThat(set.bytes("he", "train")).isEqualTo(2L * parquet.length);
        assertThat(texts(set.split("en", "train"), "text", 0, 9)).containsExactly("one");
        assertThat(set.splits("he")).containsExactlyInAnyOrder("train", "test");
        assertThatThrownBy(() -> set.split(null, "train"))
                .hasMessageContainingAll("several configurations", "dataset_config_name", "[he, en]");
        assertThatThrownBy(() -> set.split("fr", "train")).hasMessageContainingAll("no configuration 'fr'", "he");
        assertThatThrownBy(() -> set.split("he", "dev")).hasMessageContainingAll("no split 'dev'", "train", "test");
    }

    @Test
    void packedFilesAreUnpackedAsTheyAreRead() throws IOException {
        byte[] csv = csv();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(csv);
        }
        serve(Map.of("train.csv.gz", packed.toByteArray(), "test.csv.zst", Zstd.compress(csv)));
        HubDataSet set = open(false);
        assertThat(texts(set.split(null, "train"), "text", 0, 20)).isEqualTo(expected(0, 20));
        assertThat(texts(set.split(null, "test"), "text", 0, 20)).isEqualTo(expected(0, 20));
    }

    @Test
    void whatTheHubHasConvertedIsTakenWhereNothingElseIsRead() throws Exception {
        serve(Map.of("data.py", bytes("print()"), "data.zip", bytes("PK")));
        assertThatThrownBy(() -> open(false)).hasMessageContainingAll("packed in data.zip", "train_file");
        server.repo("datasets/" + NAME).commit("refs/convert/parquet", Map.of("plain/train/0000.parquet", parquet(10)));
        assertThat(train(null, 3)).containsExactly("text 0", "text 1", "text 2");
        assertThat(train("plain", 1)).containsExactly("text 0");
    }

    @Test
    void programsAndPicklesAreRefusedWithAdvice() {
        serve(Map.of("data.py", bytes("print()")));
        assertThatThrownBy(() -> open(false))
                .isInstanceOf(HubException.class)
                .hasMessageContainingAll("owner/data", "data.py, which is not run", "take a data set with Parquet");
        serve(Map.of("train.pkl", bytes("...")));
        assertThatThrownBy(() -> open(false)).hasMessageContainingAll("train.pkl", "not read");
    }

    @Test
    void whatIsNotToBeHadIsSaid() throws Exception {
        assertThatThrownBy(() -> open(false)).hasMessageContaining("has no such data set");
        serve(Map.of("README.md", bytes("---\nconfigs: [\n---\n"), "a.csv", bytes("text\n1\n")));
        assertThatThrownBy(() -> open(false)).hasMessageContainingAll("README.md", "YAML");
        serve(Map.of("README.md", bytes("# none\n"), "a.csv", csv()));
        server.repo("datasets/" + NAME).gate("hf_other");
        HubException gated = org.junit.jupiter.api.Assertions.assertThrows(HubException.class, () -> open(false));
        assertThat(gated.getMessage()).contains("is gated", "accept the conditions");
    }

    @Test
    void aParquetFileThatIsNoneIsSaid() {
        serve(Map.of("train.parquet", bytes("no parquet".repeat(9000))));
        assertThatThrownBy(() -> train(null, 1))
                .isInstanceOf(BadDataException.class)
                .hasMessageContainingAll("owner/data/train.parquet", "does not end as a Parquet file does");
    }
}
