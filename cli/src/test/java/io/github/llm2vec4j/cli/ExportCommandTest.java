package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code export} and {@code inspect}. */
class ExportCommandTest {
    private static final String MODEL = Golden.OWN.file("models/mistral").toString();
    private static final String ADAPTER =
            Golden.OWN.file("adapters/mistral-mntp").toString();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"merged", "peft", "sentence-transformers"})
    void whatIsExportedEncodesToTheSameVectors(String format) throws IOException {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "one\nשלום עולם\n");
        String exported = folder.resolve("exported").toString();
        Cli.Result result =
                Cli.run("export", "--model", MODEL, "--adapter", ADAPTER, "--to", exported, "--format", format);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains(format + ": " + exported);

        String[] vectors = new String[2];
        String[][] models = {{MODEL, "--adapter", ADAPTER}, {exported}};
        for (int i = 0; i < 2; i++) {
            Path out = folder.resolve("vectors-" + i + ".npy");
            String[] tail = models[i].length == 1 ? new String[0] : new String[] {"--adapter", ADAPTER};
            String[] args = java.util.stream.Stream.concat(
                            java.util.stream.Stream.of(
                                    "encode",
                                    "--dtype",
                                    "float32",
                                    "--in",
                                    texts.toString(),
                                    "--out",
                                    out.toString(),
                                    "--model",
                                    models[i][0]),
                            java.util.Arrays.stream(tail))
                    .toArray(String[]::new);
            assertThat(Cli.run(args).code()).isZero();
            vectors[i] = java.util.HexFormat.of().formatHex(Files.readAllBytes(out));
        }
        assertThat(vectors[1]).isEqualTo(vectors[0]);
    }

    @Test
    void aModelIsShownOnAScreenAndAsJson() throws IOException {
        Cli.Result screen = Cli.run("inspect", MODEL, "--adapter", ADAPTER);
        assertThat(screen.code()).isZero();
        assertThat(screen.out())
                .startsWith("family      mistral, 56992 parameters, stored as F32\n")
                .contains("LoRA r 4, alpha 8", "pooling mean")
                .endsWith("\n");
        JsonNode json = new JsonMapper()
                .readTree(Cli.run("inspect", MODEL, "--adapter", ADAPTER, "--json")
                        .out());
        assertThat(json.path("family").asText()).isEqualTo("mistral");
        assertThat(json.path("adapters").path(0).path("sha256").asText()).hasSize(64);
        assertThat(screen.out()).contains(json.path("base").path("sha256").asText());
    }
}
