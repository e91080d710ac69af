package io.github.llm2vec4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Loading a tokenizer asks nothing of the network. */
class TokenizerNetworkTest {

    @Test
    void noAddressIsAsked() throws IOException, InterruptedException {
        String output = ChildJvm.run(
                        List.of(),
                        Map.of(),
                        NetworkUse.class,
                        Golden.OWN.file("models/mistral").toString())
                .output();
        assertThat(output).contains("tokens: ").contains("asked: []");
    }
}
