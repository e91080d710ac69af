package io.github.llm2vec4j.training;

import static io.github.llm2vec4j.training.TinyStage.assertSameOutput;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that are killed, as {@code kill -9} and the system's out-of-memory killer do, and started again. {@code
 * -Dllm2vec4j.kills=50} kills more often.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("llm2vec4j.kills", 3);

    /** After so many kills a run is let go to its end, and another begun. */
    private static final int KILLS_PER_RUN = 3;

    private static final int MOST_ATTEMPTS = 20;

    @TempDir
    Path folder;

    @Test
    void aRunThatWasKilledAnywhereEndsLikeOneThatWasNot() throws Exception {
        SplittableRandom random = new SplittableRandom();
        StageKind[] kinds = StageKind.values();
        int killed = 0;
        for (int run = 0; killed < KILLS; run++) {
            StageKind kind = kinds[random.nextInt(kinds.length)];
            TinyStage stage = new TinyStage(kind, Files.createDirectory(folder.resolve("run-" + run)))
                    .with("max_steps", "24")
                    .with("save_steps", String.valueOf(random.nextInt(1, 4)));
            Path settings = stage.write("killed");
            for (int i = 0; i < KILLS_PER_RUN && killed < KILLS; i++) {
                killed += runAndKill(kind, settings, random.nextInt(1, 6), random.nextInt(30)) ? 1 : 0;
            }
            Path output = stage.finish("killed");
            assertThat(log(output)).hasSizeGreaterThanOrEqualTo(24);
            assertSameOutput(output, stage.finish("straight"));
        }
        assertThat(killed).isEqualTo(KILLS);
    }

    private static List<?> log(Path output) {
        return TinyStage.log(output);
    }

    /** Starts or resumes a run, and kills it some time after it has done a number of steps. */
    private static boolean runAndKill(StageKind kind, Path settings, int steps, int milliseconds) throws Exception {
        try (ChildProcess child = ChildProcess.start(StageProcess.class, kind.toString(), settings.toString())) {
            for (int i = 0; i < steps; i++) {
                if (!child.await("step ")) {
                    break;
                }
            }
            assertThat(child.heard()).contains("step ").doesNotContain("failed");
            Thread.sleep(milliseconds);
            return child.kill();
        }
    }

    @Test
    void aRunThatWasKilledWhileItWroteACheckpointGoesOnFromTheOneBefore() throws Exception {
        TinyStage stage = new TinyStage(StageKind.CLM, folder)
                .with("max_steps", "400")
                .with("save_steps", "1")
                .with("eval_steps", "0")
                .with("model_config", largeVocabulary());
        Path settings = stage.write("killed");
        Path output = folder.resolve("killed");
        boolean caught = false;
        for (int attempt = 0; attempt < MOST_ATTEMPTS && !caught; attempt++) {
            try (ChildProcess child = ChildProcess.start(StageProcess.class, "clm", settings.toString())) {
                assertThat(child.await("step ")).as(child.heard()).isTrue();
                assertThat(child.await("step ")).as(child.heard()).isTrue();
                awaitUnfinished(output.resolve("checkpoints"));
                child.kill();
                caught = unfinished(output.resolve("checkpoints"));
            }
        }
        assertThat(caught).as("a checkpoint was being written").isTrue();

        long[] from = {-1};
        TrainingListener listener = new TrainingListener() {
            @Override
            public void started(long step, long steps) {
                from[0] = step;
            }
        };
        Stage[] resumed = new Stage[1];
        TrainingListener stopping = new TrainingListener() {
            @Override
            public void stepEnded(Step step) {
                resumed[0].requestStop();
            }
        };
        resumed[0] = stage.stage("killed", listener, stopping);
        assertThat(resumed[0].run(true)).isFalse();
        assertThat(from[0]).isPositive();
        assertThat(unfinished(output.resolve("checkpoints"))).isFalse();

        long last = from[0] + 1;
        Path straight = stage.stopAfter(last, "straight");
        assertThat(TinyStage.files(TinyStage.checkpoint(output, last)))
                .containsExactlyEntriesOf(TinyStage.files(TinyStage.checkpoint(straight, last)));
    }

    /** The tiny model with so many tokens that a checkpoint takes a while to write. */
    private static String largeVocabulary() throws IOException {
        return Files.readString(io.github.llm2vec4j.core.golden.Golden.OWN.file("models/mistral/config.json"))
                .replace("\"vocab_size\": 600", "\"vocab_size\": 20000");
    }

    private static void awaitUnfinished(Path checkpoints) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!unfinished(checkpoints) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static boolean unfinished(Path checkpoints) {
        try (Stream<Path> children = Files.list(checkpoints)) {
            return children.anyMatch(path -> path.getFileName().toString().startsWith(".tmp-step-"));
        } catch (IOException | UncheckedIOException e) {
            return false; // the folder changes while it is read
        }
    }
}
