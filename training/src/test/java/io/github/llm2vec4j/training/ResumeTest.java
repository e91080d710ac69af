package io.github.llm2vec4j.training;

import static io.github.llm2vec4j.training.TinyStage.assertSameOutput;
import static io.github.llm2vec4j.training.TinyStage.checkpoint;
import static io.github.llm2vec4j.training.TinyStage.files;
import static io.github.llm2vec4j.training.TinyStage.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was stopped goes on as if it had not been. */
class ResumeTest {
    @TempDir
    Path folder;

    /** Every stage, and what else can be trained. */
    static Stream<String> runs() {
        return Stream.concat(
                Arrays.stream(StageKind.values()).map(StageKind::toString),
                Stream.of(
                        "word train_adapter=true",
                        "simcse use_rslora=true use_dora=true loraplus_lr_ratio=4",
                        "mntp ema_decay=0.9",
                        "simcse load_in_8bit=true",
                        "word load_best_model_at_end=true early_stopping_patience=9",
                        "clm load_best_model_at_end=true ema_decay=0.5"));
    }

    /** A stage and settings that are changed, as {@code mntp lora_r=2}. */
    private TinyStage stage(String run) throws IOException {
        String[] parts = run.split(" ");
        TinyStage stage = new TinyStage(StageKind.of(parts[0]), folder);
        for (int i = 1; i < parts.length; i++) {
            String[] setting = parts[i].split("=");
            stage.with(setting[0], setting[1]);
        }
        return stage;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void aStoppedRunEndsLikeOneThatWasNot(String run) throws IOException {
        TinyStage stage = stage(run);
        Path straight = stage.finish("straight");
        stage.stopAfter(1, "stopped");
        stage.stopAfter(5, "stopped");
        Path resumed = stage.finish("stopped");

        assertSameOutput(resumed, straight);
        assertThat(log(straight).stream().filter(line -> line.has("loss")).map(line -> line.get("loss")))
                .hasSize((int) TinyStage.STEPS)
                .doesNotHaveDuplicates();
        assertThat(straight.resolve("checkpoints")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void weightsAndMomentsAreThoseOfTheRunThatWentStraight(String run) throws IOException {
        TinyStage stage = stage(run);
        Path straight = stage.stopAfter(7, "straight");
        stage.stopAfter(2, "stopped");
        Path resumed = stage.stopAfter(7, "stopped");

        Map<String, byte[]> expected = files(checkpoint(straight, 7));
        assertThat(expected).containsKeys("manifest.json", "optimizer.safetensors", "trained.safetensors");
        assertThat(files(checkpoint(resumed, 7))).containsExactlyEntriesOf(expected);
        assertThat(files(checkpoint(resumed, 6)).get("trained.safetensors"))
                .as("the weights of the step before")
                .isNotEqualTo(expected.get("trained.safetensors"));
    }

    @Test
    void aScoringThatTheCheckpointCameBeforeIsNotLost() throws IOException {
        TinyStage stage = new TinyStage(StageKind.CLM, folder).with("save_steps", "2");
        Path straight = stage.finish("straight");
        TrainingListener failing = new TrainingListener() {
            @Override
            public void evaluated(long step, Map<String, Double> scores) {
                if (step == 4) {
                    throw new IllegalStateException("killed while scoring");
                }
            }
        };
        assertThatThrownBy(() -> stage.stage("stopped", failing).run(true)).hasMessage("killed while scoring");

        List<JsonNode> log = log(stage.finish("stopped"));
        assertThat(log).isEqualTo(log(straight));
        assertThat(log.stream()
                        .filter(line -> line.has("eval_loss"))
                        .map(line -> line.get("step").asInt()))
                .containsExactly(0, 2, 4, 6, 8);
    }

    @Test
    void aFinishedRunIsLeftAlone() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.finish("out");
        Map<String, byte[]> before = files(output);
        Files.createDirectories(checkpoint(output, 8)); // as left by a kill between the mark and the deletion

        TrainingListener deaf = TinyStage.atStep(1, () -> {
            throw new AssertionError("trained again");
        });
        assertThat(stage.stage("out", deaf).run(true)).isTrue();
        assertThat(files(output)).containsExactlyEntriesOf(before);
        assertThat(output.resolve("checkpoints")).doesNotExist();
    }

    @Test
    void withoutResumeAnUnfinishedRunIsNotLostUnawares() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.stopAfter(4, "out");
        Map<String, byte[]> before = files(output);

        assertThatThrownBy(() -> stage.stage("out").run(false))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining(output.resolve("checkpoints").toString())
                .hasMessageContaining("--resume")
                .hasMessageContaining("overwrite_output_dir");
        assertThat(files(output)).containsExactlyEntriesOf(before);
    }

    @Test
    void overwritingStartsAfreshEvenWithOtherSettings() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        stage.stopAfter(7, "out");
        stage.with("learning_rate", "0.02").with("overwrite_output_dir", "true");
        Path straight = stage.finish("straight");

        Stage[] fresh = new Stage[1];
        fresh[0] = stage.stage("out", TinyStage.atStep(4, () -> fresh[0].requestStop()));
        assertThat(fresh[0].run(false)).isFalse();

        assertThat(checkpoint(folder.resolve("out"), 7)).doesNotExist();
        assertSameOutput(stage.finish("out"), straight);
    }

    @Test
    void aFreshStartThatIsRefusedDeletesNothing() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.stopAfter(4, "out");
        Map<String, byte[]> before = files(output);
        stage.with("overwrite_output_dir", "true").with("train_file", "\"" + folder.resolve("missing.txt") + "\"");

        assertThatThrownBy(() -> stage.stage("out").run(false)).hasMessageContaining("no such file");
        assertThat(output.resolve("checkpoints/step-4")).isDirectory();
        before.remove(".lock");
        assertThat(files(output)).containsAllEntriesOf(before);
    }

    @Test
    void aModelOfOtherSettingsIsNotTakenForFinishedWhileItIsReplaced() throws IOException {
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder);
        Path output = stage.finish("out");
        byte[] record = Files.readAllBytes(output.resolve("training.json"));
        Path adapter = output.resolve("adapter_model.safetensors");
        Files.delete(adapter);
        Files.createDirectories(adapter.resolve("in the way"));
        stage.with("learning_rate", "0.02");

        assertThatThrownBy(() -> stage.stage("out").run(true)).isInstanceOf(IOException.class);

        assertThat(record).isNotEmpty();
        assertThat(output.resolve("training.json")).doesNotExist();
        assertThat(checkpoint(output, TinyStage.STEPS)).isDirectory();
    }
}
