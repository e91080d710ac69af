package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLogTest {
    @TempDir
    Path folder;

    private Path file;
    private TrainingLog log;

    @BeforeEach
    void writeThreeSteps() {
        file = folder.resolve("deeper/log.jsonl");
        log = new TrainingLog(file);
        log.started(0, 3);
        log.evaluated(0, Map.of("eval_loss", 9.5));
        for (int step = 1; step <= 3; step++) {
            log.stepEnded(new TrainingListener.Step(step, 3, 1.0 / step, 0.5, 0.1, 64, 0.25));
        }
        log.evaluated(3, Map.of("eval_loss", Double.POSITIVE_INFINITY));
    }

    @Test
    void aStepIsALine() throws IOException {
        assertThat(Files.readAllLines(file))
                .contains(
                        "{\"step\":0,\"eval_loss\":9.5}",
                        "{\"step\":2,\"loss\":0.5,\"grad_norm\":0.5,\"learning_rate\":0.1,\"tokens\":64,\"seconds\":0.25}",
                        "{\"step\":3,\"eval_loss\":null}")
                .hasSize(5);
    }

    @Test
    void aRunThatGoesOnDropsWhatCameAfterItsCheckpoint() {
        log.started(2, 3);
        assertThat(steps()).containsExactly(0, 1, 2);
        log.stepEnded(new TrainingListener.Step(3, 3, 7, 0.5, 0.1, 64, 0.25));
        assertThat(steps()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void aRunThatStartsAfreshDropsAll() {
        log.started(0, 3);
        assertThat(steps()).isEmpty();
    }

    @Test
    void aLineThatAKillCutOffIsDropped() throws IOException {
        Files.writeString(file, "{\"step\":4,\"loss\":0.", StandardOpenOption.APPEND);
        assertThat(steps()).containsExactly(0, 1, 2, 3, 3);

        log.started(3, 5);
        log.stepEnded(new TrainingListener.Step(4, 5, 7, 0.5, 0.1, 64, 0.25));
        assertThat(steps()).containsExactly(0, 1, 2, 3, 3, 4);
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() throws IOException {
        Files.delete(file);
        Files.createDirectory(file);

        assertThatThrownBy(() -> log.evaluated(4, Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(file + ": cannot be written: ")
                .hasMessageNotContaining("\n");
    }

    private List<Integer> steps() {
        return TrainingLog.read(file).stream()
                .map(line -> line.get("step").asInt())
                .toList();
    }
}
