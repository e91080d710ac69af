package io.github.llm2vec4j.training;

import static io.github.llm2vec4j.training.TinyStage.assertSameOutput;
import static io.github.llm2vec4j.training.TinyStage.checkpoint;
import static io.github.llm2vec4j.training.TinyStage.files;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A disk that has no room for the next checkpoint; a limit of the process on the length of a file stands for it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no ulimit")
class DiskFullTest {
    @TempDir
    Path folder;

    @Test
    void theCheckpointBeforeStaysAndTheRunGoesOnFromItOnceThereIsRoom() throws Exception {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.stopAfter(4, "full");
        Map<String, byte[]> before = files(checkpoint(output, 4));
        long moments = before.get("optimizer.safetensors").length;
        int blocks = Math.toIntExact(moments / 1024 * 3 / 4);
        assertThat(before.get("trained.safetensors").length).as("fits").isLessThan(blocks * 1024);

        try (ChildProcess child = ChildProcess.startWithFileLimit(
                blocks, StageProcess.class, "simcse", stage.write("full").toString())) {
            assertThat(child.finish()).as(child.heard()).isEqualTo(1);
            assertThat(child.heard().lines().filter(line -> line.startsWith("failed: ")))
                    .as(child.heard())
                    .singleElement()
                    .asString()
                    .startsWith("failed: " + checkpoint(output, 6) + ": the checkpoint could not be written (")
                    .contains("free some disk space");
        }

        assertThat(files(checkpoint(output, 4))).containsExactlyEntriesOf(before);
        assertThat(checkpoint(output, 6)).doesNotExist();
        try (var children = Files.list(output.resolve("checkpoints"))) {
            assertThat(children.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("step-3", "step-4");
        }
        assertSameOutput(stage.finish("full"), stage.finish("straight"));
    }
}
