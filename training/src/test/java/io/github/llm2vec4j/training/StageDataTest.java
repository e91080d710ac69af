package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.InputFiles;
import io.github.llm2vec4j.training.data.TestTexts;
import io.github.llm2vec4j.training.data.TokenBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the settings take of the files. */
class StageDataTest {
    @TempDir
    Path folder;

    private final ObjectNode json = new JsonMapper().createObjectNode();

    @BeforeEach
    void settings() {
        json.put("model_name_or_path", Golden.OWN.file("models/mistral").toString());
        json.put("output_dir", folder.resolve("out").toString());
    }

    private StageConfig config() {
        return StageConfig.of(json, "settings");
    }

    private static Tokenizer tokenizer() {
        return Tokenizer.load(Golden.OWN.file("models/mistral"));
    }

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    /** The settings of dictalm2.0's two stages, on a file of the same form with every third row empty. */
    @Test
    void rowsOfHedc4AreTakenByTheirNumbersAndCutForSimcse() throws IOException {
        String text = "A sentence of this row. Another one! " + "word ".repeat(60);
        String rows = IntStream.range(0, 60)
                .mapToObj(i -> i % 3 == 1 ? "\"\"" : "\"row " + i + "\n" + text + "\"")
                .collect(Collectors.joining("\n", "text\n", "\n"));
        json.put("train_file", write("hedc4.csv", rows).toString()).put("dataset_name", "HeNLP/HeDC4");

        try (Tokenizer tokenizer = tokenizer()) {
            json.put("dataset_number_of_rows", 30);
            StageData first = new StageData(config(), tokenizer, TestTexts.none());
            first.blocks(16, false);
            assertThat(first.counts()).containsEntry("rows", 30L).containsEntry("rows without a text", 10L);
            assertThat(first.counts()).as("uncut").containsEntry("texts", 20L);

            json.remove("dataset_number_of_rows");
            json.put("dataset_start_index", 30).put("dataset_limit", 50);
            StageData second = new StageData(config(), tokenizer, TestTexts.none());
            ContrastiveRows pieces = second.texts(128);
            assertThat(second.counts()).containsEntry("rows", 20L);
            assertThat(second.counts().get("texts")).as("cut at 250 characters").isBetween(2 * 13L, 3 * 14L);
            assertThat(pieces.datasets().get(0))
                    .hasSize(second.counts().get("texts").intValue());

            json.put("chunk_characters", 50);
            StageData third = new StageData(config(), tokenizer, TestTexts.none());
            third.texts(128);
            assertThat(third.counts().get("texts"))
                    .isGreaterThan(2 * second.counts().get("texts"));
        }
        assertThat(config().ignored()).doesNotContain("dataset_name", "dataset_start_index", "dataset_limit");
    }

    @Test
    void anEmptyRangeIsRefused() throws IOException {
        json.put("train_file", write("a.txt", "one\n").toString());
        json.put("dataset_start_index", 5).put("dataset_limit", 5);
        try (Tokenizer tokenizer = tokenizer()) {
            assertThatThrownBy(() -> new StageData(config(), tokenizer, TestTexts.none()).blocks(4, true))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("dataset_limit: expected more than dataset_start_index, 5");
            json.put("dataset_limit", 9);
            assertThatThrownBy(() -> new StageData(config(), tokenizer, TestTexts.none()).blocks(4, true))
                    .hasMessageContaining("a.txt]: no text was found");
        }
    }

    @Test
    void textIsHeldOutByItsHash() throws IOException {
        List<String> lines =
                IntStream.range(0, 2000).mapToObj(i -> "text number " + i).toList();
        assertThat(lines.stream().filter(line -> StageData.isHeldOut(line, 0.1)))
                .hasSizeBetween(150, 250)
                .allMatch(line -> StageData.isHeldOut("  " + line + "\n", 0.1))
                .allMatch(line -> StageData.isHeldOut(line, 0.2));
        assertThat(lines).noneMatch(line -> StageData.isHeldOut(line, 0));

        String order = lines.stream().sorted().collect(Collectors.joining("\n"));
        json.put("train_file", write("sorted.txt", order).toString()).put("eval_fraction", 0.1);
        try (Tokenizer tokenizer = tokenizer()) {
            StageData.Blocks blocks = new StageData(config(), tokenizer, TestTexts.none()).blocks(16, true);
            TokenBlocks held = TokenBlocks.pack(
                    lines.stream()
                            .sorted()
                            .filter(line -> StageData.isHeldOut(line, 0.1))
                            .iterator(),
                    tokenizer,
                    16,
                    true);
            assertThat(blocks.heldOut().tokens())
                    .isEqualTo(Arrays.copyOf(held.tokens(), Math.min(64, held.count()) * 16));
            TokenBlocks rest = TokenBlocks.pack(
                    lines.stream()
                            .sorted()
                            .filter(line -> !StageData.isHeldOut(line, 0.1))
                            .iterator(),
                    tokenizer,
                    16,
                    true);
            assertThat(blocks.train().tokens()).isEqualTo(rest.tokens());
        }
    }

    @Test
    void aFolderOfTheE5DataIsReadWithItsInstructions() throws IOException {
        for (String name : List.of("allnli", "nq", "own")) {
            write("e5/" + name + ".jsonl", "{\"query\":\"q\",\"positive\":\"p\",\"negative\":\"n\"}\n".repeat(2));
        }
        json.put("dataset_file_path", folder.resolve("e5").toString()).put("dataset_name", "E5");
        try (Tokenizer tokenizer = tokenizer()) {
            StageData data = new StageData(config(), tokenizer, TestTexts.none());
            ContrastiveRows rows = data.pairs(128);
            assertThat(data.counts()).containsEntry("data sets", 3L).containsEntry("rows", 6L);
            assertThat(rows.datasets().get(0).get(0)[0].ids())
                    .as("two instructions in turn")
                    .isNotEqualTo(rows.datasets().get(0).get(1)[0].ids());
            assertThat(rows.datasets().get(2).get(0)[0].ids())
                    .as("a data set that is not named has none")
                    .isEqualTo(tokenizer.encode("q", true).ids());
        }
    }

    @Test
    void columnsAreNamedBySettings() throws IOException {
        json.put("train_file", write("a.csv", "title,body\nx,river\ny,stone\n").toString());
        json.put("text_column", "body");
        try (Tokenizer tokenizer = tokenizer()) {
            StageData data = new StageData(config(), tokenizer, TestTexts.none());
            assertThat(data.texts(16).datasets().get(0).get(1)[0].ids())
                    .isEqualTo(tokenizer.encode("stone", true).ids());
            json.put("text_column", "text");
            assertThatThrownBy(() -> new StageData(config(), tokenizer, TestTexts.none()).texts(16))
                    .hasMessageContaining("a.csv: has no column 'text'; there are [title, body]");
        }
    }

    /** Its length alone would take minutes to read. */
    @Test
    void aLargeFileIsKnownByPieces() throws IOException {
        Path file = write("large.csv", "text\nriver\nstone\n");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(48L << 30);
        }
        json.put("train_file", file.toString()).put("dataset_number_of_rows", 2);
        Assertions.assertTimeout(Duration.ofMinutes(2), () -> {
            RunIdentity identity = RunIdentity.of(StageKind.SIMCSE, config(), 1, "float32", TestTexts.none());
            assertThat(identity.parts().get("content of " + file)).hasSize(64);
        });
    }

    @Test
    void theFilesOfAPatternBelongToTheIdentityOfARun() throws IOException {
        write("in/a.txt", "one");
        json.put("train_file", folder.resolve("in").resolve("*.txt").toString());
        assertThat(InputFiles.of(config().files("train_file"))).hasSize(1);
        RunIdentity before = RunIdentity.of(StageKind.MNTP, config(), 1, "float32", TestTexts.none());
        write("in/b.txt", "two");
        RunIdentity after = RunIdentity.of(StageKind.MNTP, config(), 1, "float32", TestTexts.none());
        assertThat(after.differencesFrom(before)).singleElement().asString().contains("b.txt was not set");
    }
}
