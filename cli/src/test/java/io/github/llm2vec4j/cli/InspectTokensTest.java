package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect --tokens}: into how many tokens texts are cut. */
class InspectTokensTest {
    private static final String HEBREW =
            Golden.OWN.file("tokenizers/hebrew-spm").toString();
    private static final String MODEL = Golden.OWN.file("models/mistral").toString();

    @TempDir
    private Path folder;

    @Test
    void wordsTokensAndBytesAreCountedForEachTokenizer() throws Exception {
        Path file = Files.writeString(folder.resolve("texts.txt"), "א _ ב\n\nשלום 👋\n");
        JsonNode json = new JsonMapper()
                .readTree(Cli.run("inspect", HEBREW, "--tokens", file.toString(), "--against", MODEL, "--json")
                        .assertDone()
                        .out());
        assertThat(json.path(HEBREW).path("texts").asInt()).isEqualTo(2);
        assertThat(json.path(HEBREW).path("words").asInt()).isEqualTo(5);
        int tokens = json.path(HEBREW).path("tokens").asInt();
        assertThat(json.path(HEBREW).path("byte_share").asDouble()).isEqualTo(4.0 / tokens);
        assertThat(json.path(HEBREW).path("tokens_per_word").asDouble()).isEqualTo(tokens / 5.0);
        assertThat(json.path(MODEL).path("words").asInt()).isEqualTo(5);
        assertThat(Cli.run("inspect", HEBREW, "--tokens", file.toString())
                        .assertDone()
                        .out())
                .contains("tokens per word", "byte tokens");
    }

    @Test
    void whatIsMissingIsSaid() {
        Cli.run("inspect", HEBREW, "--tokens", folder.resolve("none.txt").toString())
                .assertRefused("none.txt", "no such file");
        Cli.run("inspect", MODEL, "--against", HEBREW).assertRefused("--against", "--tokens");
    }
}
