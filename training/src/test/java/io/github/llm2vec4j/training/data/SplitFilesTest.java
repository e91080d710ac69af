package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files make up which split. */
class SplitFilesTest {
    private static final DataCard.Config PLAIN = new DataCard.Config("", Map.of());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.csv test.csv validation.csv | {train=[train.csv], validation=[validation.csv], test=[test.csv]}",
                "data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet"
                        + " | {train=[data/train-00000-of-00002.parquet, data/train-00001-of-00002.parquet]}",
                "all.csv README.md LICENSE.txt .hidden.csv | {train=[all.csv]}",
                "training/a.jsonl dev/b.jsonl | {train=[training/a.jsonl], validation=[dev/b.jsonl]}",
                "my_train_file.jsonl.gz eval.jsonl.gz | {train=[my_train_file.jsonl.gz], test=[eval.jsonl.gz]}",
                "constrained.csv latest.csv | {train=[constrained.csv, latest.csv]}",
                "a.csv b.csv notes.txt | {train=[a.csv, b.csv]}",
                "model.py weights.bin | {}"
            })
    void namesOfFoldersAndFilesSayIt(String paths, String splits) {
        assertThat(SplitFiles.of(List.of(paths.split(" ")), PLAIN)).hasToString(splits);
    }

    @Test
    void theCardComesFirst() {
        DataCard card = DataCard.read("owner/data", """
                ---
                language: he
                configs:
                - config_name: first
                  default: true
                  data_dir: one
                  data_files:
                  - split: train
                    path: ["*.csv", "more/**/*.csv"]
                  - split: dev
                    path: "dev.jsonl"
                - config_name: second
                  data_files: "two/**"
                ---
                # Data
                """);
        List<String> paths = List.of("one/a.csv", "one/more/b.csv", "one/more/c/d.csv", "one/dev.jsonl", "two/x/y.csv");
        assertThat(card.standard()).isEqualTo("first");
        assertThat(SplitFiles.of(paths, card.configs().get("first")))
                .isEqualTo(Map.of(
                        "train", List.of("one/a.csv", "one/more/b.csv", "one/more/c/d.csv"),
                        "dev", List.of("one/dev.jsonl")));
        assertThat(SplitFiles.of(paths, card.configs().get("second")))
                .isEqualTo(Map.of("train", List.of("two/x/y.csv")));
    }

    @ParameterizedTest
    @CsvSource({"'# no head'", "''", "'---\nlanguage: he\n---\n'", "'---\nconfigs: 3\n---\n'"})
    void aCardNeedNotSayAnything(String card) {
        assertThat(DataCard.read("owner/data", card).configs()).isEmpty();
    }
}
