package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tab-separated rows of pairs and triples. */
class ContrastiveRowsTest {
    @TempDir
    Path folder;

    @Test
    void aTabSeparatedRowHasTwoOrThreeColumns() throws IOException {
        assertThat(read("שאלה\tתשובה\n").datasets().get(0).get(0)).hasSize(2);
        assertThat(read("שאלה\tתשובה\tאחרת\n").datasets().get(0).get(0)).hasSize(3);
    }

    @Test
    void anotherNumberOfColumnsIsNamedWithItsLine() {
        assertThatThrownBy(() -> read("א\tב\nג\n"))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("rows.tsv line 2: expected 2 cells as in the first line, found 1");
        assertThatThrownBy(() -> read("א\tב\tג\tד\n"))
                .hasMessageContaining("line 1: expected 2 to 3 columns")
                .hasMessageEndingWith("found 4");
    }

    private ContrastiveRows read(String lines) throws IOException {
        Path file = Files.writeString(folder.resolve("rows.tsv"), lines);
        try (Tokenizer tokenizer = Tokenizer.load(Golden.OWN.file("models/mistral"))) {
            return ContrastiveRows.read(List.of(file), "", tokenizer, 16);
        }
    }
}
