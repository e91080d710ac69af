package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs, triples and longer rows of tables. */
class ContrastiveFilesTest {
    private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

    @TempDir
    private Path folder;

    private static ContrastiveFiles files(@Nullable Integer negatives, double ratio) {
        return new ContrastiveFiles(ContrastiveFiles.Columns.DEFAULT, Instructions.of(""), negatives, ratio);
    }

    private List<PreparedText[]> read(ContrastiveFiles files, String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        try (Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("models/mistral"))) {
            return files.read(List.of(file), tokenizer, Template.NONE, 32)
                    .datasets()
                    .get(0);
        }
    }

    private static int[] ids(String text) {
        try (Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("models/mistral"))) {
            return tokenizer.encode(text, true).ids();
        }
    }

    private static void assertTexts(PreparedText[] row, String... texts) {
        assertThat(row).hasSize(texts.length);
        for (int i = 0; i < texts.length; i++) {
            assertThat(row[i].ids()).as(texts[i]).isEqualTo(ids(texts[i]));
        }
    }

    @Test
    void columnsAreFoundByName() throws IOException {
        ContrastiveFiles inference = new ContrastiveFiles(
                new ContrastiveFiles.Columns("sent0", "sent1", List.of("hard_neg"), "scores"),
                Instructions.of(""),
                null,
                NO_LIMIT);
        List<PreparedText[]> rows =
                read(inference, "nli.csv", "sent1,hard_neg,sent0\nstone,light,river\n\"green, walks\",bread,house\n");
        assertTexts(rows.get(0), "river", "stone", "light");
        assertTexts(rows.get(1), "house", "green, walks", "bread");
    }

    @Test
    void negativesStandInAListOrInSeveralColumns() throws IOException {
        String line = "{\"query\":\"river\",\"positive\":\"stone\",\"negative\":[\"light\",\"bread\"]}\n";
        assertTexts(read(files(null, NO_LIMIT), "list.jsonl", line).get(0), "river", "stone", "light", "bread");
        ContrastiveFiles columns = new ContrastiveFiles(
                new ContrastiveFiles.Columns("query", "positive", List.of("n1", "n2"), "scores"),
                Instructions.of(""),
                null,
                NO_LIMIT);
        assertTexts(
                read(columns, "columns.csv", "query,positive,n1,n2\nriver,stone,light,bread\n")
                        .get(0),
                "river",
                "stone",
                "light",
                "bread");
    }

    @Test
    void rowsOfDifferentLengthNeedANumber() throws IOException {
        String lines = """
                {"query":"river","positive":"stone","negative":["light","bread"]}
                {"query":"house","positive":"green","negative":["walks"]}
                {"query":"seven","positive":"never"}
                """;
        assertThatThrownBy(() -> read(files(null, NO_LIMIT), "a.jsonl", lines))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("a.jsonl line 2: expected 2 negatives as in the first row, found 1");
        List<PreparedText[]> one = read(files(1, NO_LIMIT), "a.jsonl", lines);
        assertThat(one).hasSize(2);
        assertTexts(one.get(0), "river", "stone", "light");
        assertTexts(one.get(1), "house", "green", "walks");
        assertThat(read(files(0, NO_LIMIT), "a.jsonl", lines)).hasSize(3).allMatch(row -> row.length == 2);
    }

    @Test
    void aNegativeThatScoresAboutAsHighAsThePositiveIsLeftOut() throws IOException {
        String lines = """
                {"query":"river","positive":"stone","negative":["light","bread"],"scores":[0.8, 0.79, 0.3]}
                {"query":"house","positive":"green","negative":["walks","never"],"scores":[0.8, 0.9, 0.79]}
                """;
        List<PreparedText[]> rows = read(files(1, 0.95), "a.jsonl", lines);
        assertThat(rows).hasSize(1);
        assertTexts(rows.get(0), "river", "stone", "bread");
        assertThatThrownBy(() -> read(files(1, 0.95), "a.jsonl", lines.replace("0.8, 0.9, ", "0.8, ")))
                .hasMessageContaining("a.jsonl line 2: expected a list of 3 numbers")
                .hasMessageContaining("'scores'");
    }

    @Test
    void rowsWithoutAQueryOrAPositiveArePassedOver() throws IOException {
        String lines = """
                {"query":null,"positive":"stone"}
                {"query":"river","positive":"stone"}
                {"query":"house","positive":"  "}
                """;
        assertThat(read(files(null, NO_LIMIT), "a.jsonl", lines)).hasSize(1);
        assertThatThrownBy(() -> read(files(null, NO_LIMIT), "b.jsonl", lines + "{\"query\":\"a\"}\n"))
                .hasMessageContaining("b.jsonl line 4: expected a text in column 'positive', found no such column");
        assertThatThrownBy(() -> read(files(null, NO_LIMIT), "c.jsonl", "{\"query\":5,\"positive\":\"a\"}\n"))
                .hasMessageContaining("c.jsonl line 1: expected a text in column 'query', found 5");
    }

    @Test
    void aTabSeparatedFileMayHaveNamesOrNot() throws IOException {
        assertTexts(read(files(null, NO_LIMIT), "a.tsv", "river\tstone\n").get(0), "river", "stone");
        assertTexts(
                read(files(null, NO_LIMIT), "a.tsv", "positive\tquery\nstone\triver\n")
                        .get(0),
                "river",
                "stone");
        assertThatThrownBy(() -> read(files(null, NO_LIMIT), "a.txt", "river\n"))
                .hasMessageContaining("a.txt: a plain text has no columns query and positive");
    }

    @Test
    void theInstructionsOfADatasetTakeTurns() throws IOException {
        JsonNode json = new JsonMapper().readTree("{\"allnli\":[\"first\",\"second\"],\"nq\":\"only\"}");
        Instructions instructions = Instructions.of(json, "other");
        assertThat(instructions.of("allnli", 0)).isEqualTo("first");
        assertThat(instructions.of("allnli", 3)).isEqualTo("second");
        assertThat(instructions.of("nq", 3)).isEqualTo("only");
        assertThat(instructions.of("squad", 3)).isEqualTo("other");
        ContrastiveFiles files = new ContrastiveFiles(ContrastiveFiles.Columns.DEFAULT, instructions, null, NO_LIMIT);
        String lines = """
                {"query":"river","positive":"stone"}
                {"query":"river","positive":"stone"}
                {"query":"river","positive":"stone","instruction":"own"}
                """;
        List<PreparedText[]> rows = read(files, "allnli.jsonl", lines);
        assertThat(rows.get(0)[0].ids()).isEqualTo(ids("first; river"));
        assertThat(rows.get(1)[0].ids()).isEqualTo(ids("second; river"));
        assertThat(rows.get(2)[0].ids()).isEqualTo(ids("own; river"));
        assertThatThrownBy(() -> Instructions.of(new JsonMapper().readTree("{\"nq\":1}"), ""))
                .hasMessage("nq: expected a text or a list of texts, found 1");
    }

    @Test
    void theInstructionsOfTheE5DataAreThoseOfTheReference() {
        JsonNode formatted = Golden.SHARED.json("training/supervised/e5_formatted.json");
        assertThat(Instructions.ofE5()).isEqualTo(formatted.path("prompts"));
    }
}
