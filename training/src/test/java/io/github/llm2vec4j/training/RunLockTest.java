package io.github.llm2vec4j.training;

import static io.github.llm2vec4j.training.TinyStage.files;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
    @TempDir
    Path folder;

    @Test
    void aSecondProcessIsRefusedInOneLineAndTouchesNothing() throws Exception {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.stopAfter(4, "out");
        Files.createDirectory(output.resolve("checkpoints/.tmp-step-5-1-1"));
        try (ChildProcess other = ChildProcess.start(LockProcess.class, output.toString())) {
            assertThat(other.await("locked")).as(other.heard()).isTrue();
            Map<String, byte[]> before = files(output);

            assertRefused(() -> stage.stage("out").run(true), output, other.pid());
            assertRefused(() -> stage.stage("out").run(false), output, other.pid());

            assertThat(files(output)).containsExactlyEntriesOf(before);
            assertThat(output.resolve("checkpoints/.tmp-step-5-1-1")).isDirectory();

            other.kill();
            assertThat(output.resolve(".lock")).hasContent(String.valueOf(other.pid()));
            assertThat(stage.stage("out").run(true))
                    .as("the lock of a dead process")
                    .isTrue();
        }
    }

    @Test
    void aSecondRunOfThisProcessIsRefusedAndTheFirstKeepsTheFolderToItself() throws Exception {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = folder.resolve("out");
        Stage first = stage.stage(
                "out",
                TinyStage.atStep(
                        2,
                        () -> assertRefused(
                                () -> stage.stage("out").run(true),
                                output,
                                ProcessHandle.current().pid())),
                TinyStage.atStep(3, () -> assertThat(lockFromOutside(output)).startsWith("refused: " + output)));

        assertThat(first.run(true)).isTrue();
        assertThat(lockFromOutside(output)).startsWith("locked");
    }

    private static void assertRefused(ThrowingCallable run, Path output, long holder) {
        assertThatThrownBy(run)
                .isInstanceOf(TrainingException.class)
                .hasMessage(output + ": another run (process " + holder
                        + ") is writing here; wait for its end, or give another output_dir");
    }

    private static String lockFromOutside(Path output) {
        try (ChildProcess other = ChildProcess.start(LockProcess.class, output.toString())) {
            return String.valueOf(other.readLine());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aNameOfTheSameFolderIsTheSameFolder() throws IOException {
        Path output = Files.createDirectory(folder.resolve("out"));
        try (RunLock lock = RunLock.on(output)) {
            assertThatThrownBy(() -> RunLock.on(folder.resolve("out/../out")))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("another run");
        }
        RunLock.on(output).close();
    }

    @Test
    void aRunThatNeverBeganLeavesNothing() throws IOException {
        Path output = folder.resolve("new/deep/out");
        RunLock.on(output).close();
        assertThat(folder.resolve("new")).doesNotExist();

        Files.createDirectories(output);
        RunLock.on(output).close();
        assertThat(output).isEmptyDirectory();

        try (RunLock lock = RunLock.on(output)) {
            lock.keep();
        }
        RunLock.on(output).close();
        assertThat(output.resolve(".lock")).as("of the run that began").exists();

        Path other = folder.resolve("other");
        try (RunLock lock = RunLock.on(other)) {
            Files.writeString(other.resolve("precious"), "1");
        }
        assertThat(other.resolve("precious")).hasContent("1");
    }

    @Test
    void aFileWhereTheFolderShouldBeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "precious");

        assertThatThrownBy(() -> RunLock.on(file.resolve("deeper")))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("give another output_dir");
        assertThatThrownBy(() -> RunLock.on(file))
                .isInstanceOf(TrainingException.class)
                .hasMessage(file + ": expected a folder, but " + file + " is a file; give another output_dir");
        assertThat(file).hasContent("precious");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "/proc stands for a folder that not even root can write")
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "needs /proc");
        Path unwritable = Path.of("/proc/llm2vec4j");

        assertThatThrownBy(() -> RunLock.on(unwritable))
                .isInstanceOf(TrainingException.class)
                .hasMessageMatching("\\Q/proc/llm2vec4j: cannot be written (\\E[^\\n]+\\Q); make it writable, or give"
                        + " another output_dir\\E");
    }
}
