package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Native memory stays flat over the steps of a stage, and all of it is given back at the end. */
class TrainingMemoryTest {
    private static final int WARM_UP = 20;
    private static final int STEPS = 60;

    /** For what the counter of tensors does not see: the engine's own buffers and graphs. The rest is Java's heap. */
    private static final long MOST_GROWTH_BYTES = 64L << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(StageKind.class)
    void stepsLeaveNothingBehind(StageKind kind) throws IOException {
        long outside = Tensor.liveCount();
        Set<Long> counts = new HashSet<>();
        long[] resident = new long[2];
        TinyStage stage = new TinyStage(kind, folder)
                .with("max_steps", String.valueOf(WARM_UP + STEPS))
                .with("save_steps", "10")
                .with("eval_steps", "10");
        stage.stage("out", new TrainingListener() {
                    @Override
                    public void stepEnded(Step step) {
                        if (step.number() == WARM_UP) {
                            resident[0] = residentBytes();
                        }
                        if (step.number() >= WARM_UP) {
                            counts.add(Tensor.liveCount());
                        }
                        resident[1] = residentBytes();
                    }
                })
                .run(true);

        assertThat(counts).as("live tensors after a step").hasSize(1);
        assertThat(counts.iterator().next()).isGreaterThan(outside);
        assertThat(resident[1] - resident[0]).isLessThan(MOST_GROWTH_BYTES);
        assertThat(Tensor.liveCount()).as("after the stage").isEqualTo(outside);
    }

    /** 0 where the system does not tell. */
    private static long residentBytes() {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
