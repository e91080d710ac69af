package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.ChildJvm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The engine's settings hold in a JVM that was started without any of the flags and variables of the launcher. */
class EngineSettingsTest {

    @Test
    void aSmallHeapDoesNotLimitTheTensorsAndEveryPoolHasOneThread() throws Exception {
        String output = run(List.of("-Xmx64m"), Map.of());

        assertThat(output)
                .contains("heap below the tensors: true")
                .contains("sum: 110")
                .contains("live: 0")
                .contains("worker threads: [1, 1, 1, 1]")
                .contains("\nthreads: 1")
                .contains("OPENBLAS_NUM_THREADS: 1")
                .contains("OMP_NUM_THREADS: 1")
                .contains("OMP_WAIT_POLICY: passive");
    }

    @Test
    void whatTheUserHasSetInTheEnvironmentStays() throws Exception {
        String output = run(List.of(), Map.of("OMP_WAIT_POLICY", "active", "OPENBLAS_NUM_THREADS", "2"));

        assertThat(output)
                .contains("OMP_WAIT_POLICY: active")
                .contains("OPENBLAS_NUM_THREADS: 2")
                .contains("OMP_NUM_THREADS: 1");
    }

    @Test
    void aFileWithAHebrewNameIsMappedWhateverTheDefaultCharset() throws Exception {
        assertThat(run(List.of("-Dfile.encoding=US-ASCII"), Map.of())).contains("mapped: 6.0");
    }

    private static String run(List<String> flags, Map<String, String> variables)
            throws IOException, InterruptedException {
        return ChildJvm.run(flags, variables, EmbeddedUse.class).output();
    }
}
