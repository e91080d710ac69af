package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Loading a tokenizer asks nothing of the network. */
class TokenizerNetworkTest {

    @Test
    void noAddressIsAsked() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        NetworkUse.class.getName(),
                        Golden.OWN.file("models/mistral").toString())
                .redirectErrorStream(true);
        builder.environment().remove("OPT_OUT_TRACKING");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("tokens: ").contains("asked: []");
    }
}
