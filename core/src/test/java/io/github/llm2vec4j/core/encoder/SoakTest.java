package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Golden;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Many threads on one model for a time: 10 seconds, or as long as is said.
 *
 * <pre>mvn test -pl core -Dtest=SoakTest -Dllm2vec4j.soak.minutes=10</pre>
 */
class SoakTest {

    @Test
    void eightThreadsGetTheVectorsOfEachTextAloneInFlatMemory() throws Exception {
        String minutes = System.getProperty("llm2vec4j.soak.minutes");
        ChildJvm.Result soak = ChildJvm.run(
                List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"),
                Map.of("MALLOC_ARENA_MAX", "2"),
                Soak.class,
                Golden.OWN.file("models/mistral").toString(),
                minutes == null ? "0.17" : minutes);
        if (minutes != null) {
            System.out.print(soak.output());
        }

        assertThat(soak.value("vectors that differ")).isEqualTo("0");
        assertThat(Long.parseLong(soak.value("calls"))).isPositive();
        assertThat(soak.value("more tensors")).isEqualTo("0");
        assertThat(Long.parseLong(soak.value("more megabytes"))).isLessThan(32);
    }
}
