package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFilesTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeFiles() throws IOException {
        Files.createDirectories(folder.resolve("in/deep"));
        Files.createDirectories(folder.resolve("empty"));
        for (String name : List.of("b.jsonl", "a.csv.gz", "README.md", ".hidden.txt", "deep/c.txt", "x[1].txt")) {
            Files.writeString(folder.resolve("in").resolve(name), "");
        }
    }

    private List<String> found(String... names) {
        List<Path> paths = List.of(names).stream().map(folder::resolve).toList();
        return InputFiles.of(paths).stream()
                .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                .toList();
    }

    @Test
    void aFolderStandsForItsTablesInOrder() {
        assertThat(found("in")).containsExactly("in/a.csv.gz", "in/b.jsonl", "in/x[1].txt");
    }

    @Test
    void aPatternStandsForTheFilesOfItsForm() {
        assertThat(found("in/*.{jsonl,md}")).containsExactly("in/README.md", "in/b.jsonl");
        assertThat(found("in/**.txt")).containsExactly("in/deep/c.txt", "in/x[1].txt");
        assertThat(found("in/?.jsonl", "in/a*")).containsExactly("in/b.jsonl", "in/a.csv.gz");
    }

    @Test
    void aFileOfThatNameIsNoPattern() {
        assertThat(found("in/x[1].txt")).containsExactly("in/x[1].txt");
        assertThat(found("in/none.txt")).as("said when it is opened").containsExactly("in/none.txt");
    }

    @Test
    void whatGivesNothingIsNamed() {
        assertThatThrownBy(() -> found("empty"))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining(folder.resolve("empty") + ": has no file that ends as a table does");
        assertThatThrownBy(() -> found("in/*.parquet")).hasMessageContaining("*.parquet: no file is called so");
        assertThatThrownBy(() -> found("nowhere/*.txt")).hasMessageContaining("*.txt: no file is called so");
        assertThatThrownBy(() -> found("in/{a")).hasMessageContaining("{a: not a pattern of file names");
    }
}
