package io.github.llm2vec4j.training;

import static io.github.llm2vec4j.training.TinyStage.assertSameOutput;
import static io.github.llm2vec4j.training.TinyStage.checkpoint;
import static io.github.llm2vec4j.training.TinyStage.files;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that were damaged, or belong to another run. */
class RunCheckpointTest {
    private static final String STOPPED = "stopped";

    @TempDir
    static Path folder;

    private static int tests;

    private TinyStage stage;
    private String name;
    private Path output;

    /** A run that was stopped after step 5, with checkpoints of steps 3 and 5. */
    @BeforeAll
    static void stopARun() throws IOException {
        new TinyStage(StageKind.SIMCSE, folder).stopAfter(5, STOPPED);
    }

    /** The settings of the stopped run, and a copy of its output. */
    @BeforeEach
    void copyTheRun() throws IOException {
        stage = new TinyStage(StageKind.SIMCSE, folder);
        name = "out-" + ++tests;
        output = folder.resolve(name);
        for (Map.Entry<String, byte[]> file : files(folder.resolve(STOPPED)).entrySet()) {
            Path copy = output.resolve(file.getKey());
            Files.createDirectories(copy.getParent());
            Files.write(copy, file.getValue());
        }
        assertThat(names()).containsExactly("step-3", "step-5");
    }

    @ParameterizedTest
    @CsvSource({
        "trained.safetensors, 0", "trained.safetensors, 0.5", "trained.safetensors, 0.9999",
        "optimizer.safetensors, 0.001", "optimizer.safetensors, 0.5", "optimizer.safetensors, 0.9999",
        "manifest.json, 0", "manifest.json, 0.5", "manifest.json, 0.95"
    })
    void aFlippedBitIsFound(String file, double place) throws IOException {
        assertThat(checkpoints().newest()).contains(checkpoint(output, 5));
        flip(checkpoint(output, 5).resolve(file), place);
        assertThat(checkpoints().newest()).contains(checkpoint(output, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"trained.safetensors", "optimizer.safetensors", "manifest.json"})
    void aMissingOrCutFileIsFound(String name) throws IOException {
        Path file = checkpoint(output, 5).resolve(name);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertThat(checkpoints().newest()).contains(checkpoint(output, 3));

        Files.delete(file);
        assertThat(checkpoints().newest()).contains(checkpoint(output, 3));
        Files.write(file, whole);
        assertThat(checkpoints().newest()).contains(checkpoint(output, 5));
    }

    @Test
    void theRunGoesOnFromTheCheckpointBeforeADamagedOneAndEndsTheSame() throws IOException {
        flip(checkpoint(output, 5).resolve("optimizer.safetensors"), 0.5);

        assertThat(resumedFrom()).isEqualTo(3);
        assertSameOutput(stage.finish(name), stage.finish("straight"));
    }

    @Test
    void everyByteOfTheManifestCounts() throws IOException {
        Path manifest = checkpoint(output, 5).resolve("manifest.json");
        byte[] whole = Files.readAllBytes(manifest);
        AtomicFiles.deleteTree(checkpoint(output, 3));
        RunCheckpoint checkpoints = checkpoints();
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            if (isWhiteSpace(whole[i]) && isWhiteSpace(damaged[i])) {
                continue;
            }
            Files.write(manifest, damaged);
            assertThatThrownBy(checkpoints::newest)
                    .as("byte %d of %s", i, new String(damaged, StandardCharsets.ISO_8859_1))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("no checkpoint is whole (step-5: manifest.json ");
        }
    }

    private static boolean isWhiteSpace(byte value) {
        return value == ' ' || value == '\n' || value == '\r' || value == '\t';
    }

    private RunCheckpoint checkpoints() throws IOException {
        RunIdentity identity = RunIdentity.of(stage.kind, stage.config(name), 2, "float32", TestTexts.none());
        return new RunCheckpoint(output.resolve("checkpoints"), identity, 2);
    }

    @Test
    void whenAllAreDamagedTheRunStopsAndSaysWhatIsWrongWithEach() throws IOException {
        flip(checkpoint(output, 5).resolve("optimizer.safetensors"), 0.5);
        Files.delete(checkpoint(output, 3).resolve("trained.safetensors"));
        Map<String, byte[]> before = files(output);

        assertThatThrownBy(() -> stage.stage(name).run(true))
                .isInstanceOf(TrainingException.class)
                .hasMessage(output.resolve("checkpoints")
                        + ": no checkpoint is whole (step-5: optimizer.safetensors does not have the SHA-256 of the"
                        + " manifest; step-3: trained.safetensors is missing); put back a copy of one, or delete the"
                        + " folder to start afresh");
        assertThat(files(output)).containsExactlyEntriesOf(before);
    }

    @Test
    void aDamagedCheckpointDoesNotTakeThePlaceOfAWholeOne() throws IOException {
        flip(checkpoint(output, 5).resolve("trained.safetensors"), 0.5);
        stage.stopAfter(4, name);

        assertThat(names()).as("5 was damaged").containsExactly("step-3", "step-4");
        stage.with("save_steps", "1").with("save_total_limit", "3").stopAfter(7, name);
        assertThat(names()).containsExactly("step-5", "step-6", "step-7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "learning_rate | 0.02 | learning_rate was 0.01 and is 0.02",
                "seed | 7 | seed was not set and is 7",
                "workers | 1 | workers was 2 and is 1",
                "torch_dtype | \"bfloat16\" | compute type was float32 and is bfloat16",
                "per_device_train_batch_size | 5 | per_device_train_batch_size was 4 and is 5",
                "warmup_steps | null | warmup_steps was 2 and is not set"
            })
    void otherSettingsAreRefusedByName(String key, String value, String said) throws IOException {
        assertRefused(stage.with(key, value), said);
    }

    @Test
    void allThatDiffersIsSaid() throws IOException {
        assertRefused(
                stage.with("learning_rate", "0.02").with("weight_decay", "0"),
                "learning_rate was 0.01 and is 0.02; weight_decay was 0.1 and is 0;");
    }

    @Test
    void settingsWithoutEffectOnTheWeightsMayChange() throws IOException {
        stage.with("save_steps", "1")
                .with("save_total_limit", "1")
                .with("logging_steps", "7")
                .with("overwrite_output_dir", "true");
        stage.with("eval_steps", "2").with("seed", "null");
        assertThat(resumedFrom()).isEqualTo(5);
    }

    @Test
    void otherDataOfTheSameLengthIsRefused() throws IOException {
        Path data = folder.resolve("lines.txt");
        Files.writeString(data, Files.readString(data).replaceFirst("a", "e"));

        assertRefused(stage, "content of " + data + " was ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model_name_or_path", "peft_model_name_or_path"})
    void anotherModelUnderTheSameNameIsRefused(String key) throws IOException {
        String source = key.startsWith("peft") ? "adapters/mistral-mntp" : "models/mistral";
        Path copy = Golden.OWN.copy(source, folder.resolve("copy-" + name));
        stage.with(key, "\"" + copy + "\"");
        stage.stopAfter(3, "other-" + name);
        String weights = key.startsWith("peft") ? "adapter_model.safetensors" : "model.safetensors";
        flip(copy.resolve(weights), 0.999);

        assertThatThrownBy(() -> stage.stage("other-" + name).run(true))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("content of " + copy + " was ");
    }

    private void assertRefused(TinyStage changed, String said) throws IOException {
        Map<String, byte[]> before = files(output);
        assertThatThrownBy(() -> changed.stage(name).run(true))
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith(checkpoint(output, 5) + ": was made with other settings or data: " + said)
                .hasMessageContaining("give another output_dir, or delete " + output.resolve("checkpoints"))
                .hasMessageNotContaining("\n");
        assertThat(files(output)).containsExactlyEntriesOf(before);
    }

    @Test
    void whatAKilledWriterLeftIsNotTakenForACheckpointAndIsClearedAway() throws IOException {
        Path half = Files.createDirectory(output.resolve("checkpoints/.tmp-step-6-4711-1"));
        Files.write(half.resolve("trained.safetensors"), new byte[100]);
        Files.write(output.resolve(".tmp-model.safetensors-4711-2"), new byte[100]);

        assertThat(resumedFrom()).isEqualTo(5);

        assertThat(names()).containsExactly("step-5", "step-6");
        assertThat(output.resolve(".tmp-model.safetensors-4711-2")).doesNotExist();
    }

    @Test
    void aFailureToWriteLeavesTheCheckpointsBeforeAndIsSaid() throws IOException {
        Path inTheWay = checkpoint(output, 6);
        Stage failing = stage.stage(name, TinyStage.atStep(6, () -> {
            try {
                AtomicFiles.deleteTree(output.resolve("checkpoints.aside"));
                Files.move(output.resolve("checkpoints"), output.resolve("checkpoints.aside"));
                Files.writeString(output.resolve("checkpoints"), "in the way");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }));

        assertThatThrownBy(() -> failing.run(true))
                .isInstanceOf(java.io.UncheckedIOException.class)
                .hasMessageStartingWith(inTheWay + ": the checkpoint could not be written (")
                .hasMessageEndingWith("resume: the run goes on from the checkpoint before");

        assertThatThrownBy(() -> stage.stage(name).run(true))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("checkpoints is a file");
        Files.delete(output.resolve("checkpoints"));
        Files.move(output.resolve("checkpoints.aside"), output.resolve("checkpoints"));
        assertThat(resumedFrom()).isEqualTo(5);
    }

    /** The step from which a run goes on, which is stopped after the one that follows. */
    private long resumedFrom() throws IOException {
        List<Long> started = new ArrayList<>();
        Stage[] resumed = new Stage[1];
        resumed[0] = stage.stage(name, new TrainingListener() {
            @Override
            public void started(long step, long steps) {
                started.add(step);
            }

            @Override
            public void stepEnded(Step step) {
                resumed[0].requestStop();
            }
        });
        assertThat(resumed[0].run(true)).isFalse();
        return started.get(0);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> children = Files.list(output.resolve("checkpoints"))) {
            return children.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static void flip(Path file, double place) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) (bytes.length * place)] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void theManifestSaysWhatTheRunWas() throws IOException {
        ObjectNode manifest = (ObjectNode) new JsonMapper()
                .readTree(checkpoint(output, 5).resolve("manifest.json").toFile());

        assertThat(manifest.path("step").asInt()).isEqualTo(5);
        assertThat(manifest.path("run").path("stage").asText()).isEqualTo("simcse");
        assertThat(manifest.path("run").path("learning_rate").asText()).isEqualTo("0.01");
        assertThat(manifest.path("run").has("output_dir")).isFalse();
    }
}
