package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Template;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.training.data.BadDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stages on data and settings that lead nowhere. */
class StageTest {
    @TempDir
    Path folder;

    @Test
    void textsThatAreAllTheSameGiveFiniteLosses() throws IOException {
        Path same = Files.write(folder.resolve("same.txt"), Collections.nCopies(8, "river stone"));
        Path output = new TinyStage(StageKind.SIMCSE, folder)
                .with("train_file", "\"" + same + "\"")
                .with("simcse_dropout", "0")
                .with("lora_dropout", "0")
                .finish("out");

        assertLossesAre(output, Math.log(4));
    }

    @Test
    void aNegativeThatIsThePositiveGivesAFiniteLoss() throws IOException {
        String row = "{\"query\": \"river\", \"positive\": \"stone\", \"negative\": \"stone\"}";
        Path rows = Files.write(folder.resolve("same.jsonl"), Collections.nCopies(8, row));
        Path output = new TinyStage(StageKind.SUPERVISED, folder)
                .with("train_file", "\"" + rows + "\"")
                .with("lora_dropout", "0")
                .finish("out");

        assertLossesAre(output, Math.log(8)); // each row's own text is one of eight alike
    }

    /** That is the row "Uni + SimCSE" of the paper's ablation. */
    @ParameterizedTest
    @EnumSource(names = {"SIMCSE", "SUPERVISED"})
    void aCausalEncoderIsTrainedAndReadCausally(StageKind kind) throws IOException {
        Path causal = new TinyStage(kind, folder).with("bidirectional", "false").finish("causal");
        Path both = new TinyStage(kind, folder).finish("both");

        assertThat(ModelChain.resolve(causal.toString(), List.of()).causal()).isTrue();
        assertThat(ModelChain.resolve(both.toString(), List.of()).causal()).isFalse();
        assertThat(firstState(causal, "river stone")).isEqualTo(firstState(causal, "river light"));
        assertThat(firstState(both, "river stone")).isNotEqualTo(firstState(both, "river light"));
        assertThat(Files.readAllBytes(causal.resolve("adapter_model.safetensors")))
                .isNotEqualTo(Files.readAllBytes(both.resolve("adapter_model.safetensors")));
    }

    private static float[] firstState(Path model, String text) {
        try (Llm2Vec loaded = Llm2Vec.builder(model.toString()).dtype("float32").build()) {
            return loaded.encodeTokens(Instruction.NONE, List.of(text)).get(0).states()[0];
        }
    }

    private static void assertLossesAre(Path output, double expected) {
        List<JsonNode> log = TrainingLog.read(output.resolve("log.jsonl"));
        assertThat(log).hasSize((int) TinyStage.STEPS);
        assertThat(log).allSatisfy(line -> {
            assertThat(line.path("loss").asDouble()).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-4));
            assertThat(line.path("grad_norm").isNumber()).isTrue();
        });
    }

    @Test
    void weightsThatExplodeEndTheRunAndTheCheckpointBeforeStays() throws IOException {
        TinyStage stage =
                new TinyStage(StageKind.CLM, folder).with("warmup_steps", "0").with("eval_steps", "0");
        Path output =
                stage.with("learning_rate", "1e30").with("save_steps", "1").stopAfter(1, "out");
        byte[] before = Files.readAllBytes(TinyStage.checkpoint(output, 1).resolve("trained.safetensors"));
        stage.with("save_steps", "100");

        assertThatThrownBy(() -> stage.stage("out").run(true))
                .isInstanceOf(TrainingException.class)
                .hasMessageStartingWith("step 6: the loss is ")
                .hasMessageContaining("gradient norm NaN, the 5th step in a row");
        assertThat(TinyStage.checkpoint(output, 1).resolve("trained.safetensors"))
                .hasBinaryContent(before);
        assertThat(output.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void missingDataIsNamedBeforeAnyTraining() throws IOException {
        Path missing = folder.resolve("missing.txt");
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder).with("train_file", "\"" + missing + "\"");

        assertThatThrownBy(() -> stage.stage("out").run(true))
                .isInstanceOf(BadDataException.class)
                .hasMessage(missing + ": no such file");
    }

    @Test
    void lessDataThanABatchIsSaid() throws IOException {
        Path few = Files.write(folder.resolve("few.txt"), List.of("river", "stone", "light"));
        TinyStage stage = new TinyStage(StageKind.SIMCSE, folder).with("train_file", "\"" + few + "\"");

        assertThatThrownBy(() -> stage.stage("out").run(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("give more data or a smaller batch size");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void anAdapterIsTrainedInTheTemplateOfItsBaseAndKeepsIt() throws IOException {
        Path base = Golden.OWN.copy("models/mistral", folder.resolve("templated"));
        Files.writeString(
                base.resolve("llm2vec4j.json"),
                "{\"template\": {\"alone\": \"[INST] {text} [/INST]\","
                        + " \"instructed\": \"[INST] {instruction} {text} [/INST]\"}}");
        Path plain = new TinyStage(StageKind.SIMCSE, folder).finish("plain");
        Path output = new TinyStage(StageKind.SIMCSE, folder)
                .with("model_name_or_path", "\"" + base + "\"")
                .finish("out");

        assertThat(TinyStage.log(output).get(0).path("tokens").asInt())
                .as("the tags are read too")
                .isGreaterThan(TinyStage.log(plain).get(0).path("tokens").asInt());
        assertThat(ModelChain.resolve(output.toString(), List.of()).template())
                .isEqualTo(Template.around("[INST] ", " [/INST]"));
        assertThat(ModelChain.resolve(plain.toString(), List.of()).template()).isEqualTo(Template.NONE);
    }
}
