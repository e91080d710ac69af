package io.github.llm2vec4j.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredVectorsTest {
    @TempDir
    Path folder;

    @Test
    void vectorsAreFoundByTextAndInstruction() throws IOException {
        StoredVectors vectors = read("""
                {"text": "שלום", "embedding": [1, 2.5]}

                {"text": "b", "embedding": [3, 4]}
                {"text": "b", "embedding": [5, 6], "instruction": "find"}
                """);
        assertThat(vectors.encode(null, List.of("b", "שלום"))).isDeepEqualTo(new float[][] {{3, 4}, {1, 2.5f}});
        assertThat(vectors.encode("find", List.of("b", "שלום"))).isDeepEqualTo(new float[][] {{5, 6}, {1, 2.5f}});
        assertThat(vectors.name()).isEqualTo("other");
        assertThatThrownBy(() -> vectors.encode(null, List.of("b", "c", "d")))
                .hasMessageEndingWith("v.jsonl: has no vector for 2 of 3 texts, among them 'd'");
    }

    @Test
    void whatIsNotAVectorIsNamed() {
        for (String line : List.of(
                "{\"text\": \"a\"}",
                "{\"embedding\": [1]}",
                "{\"text\": \"a\", \"embedding\": []}",
                "{\"text\": \"a\", \"embedding\": [\"1\"]}",
                "{\"text\": \"a\", \"embedding\": [1, 2, 3]}")) {
            assertThatThrownBy(() -> read("{\"text\": \"x\", \"embedding\": [1, 2]}\n" + line))
                    .as(line)
                    .hasMessageContaining("v.jsonl line 2: expected a \"text\" and an \"embedding\"");
        }
        assertThatThrownBy(() -> read("{")).hasMessageContaining("v.jsonl line 1: not valid JSON");
    }

    private StoredVectors read(String content) throws IOException {
        return StoredVectors.read("other", Files.writeString(folder.resolve("v.jsonl"), content));
    }
}
