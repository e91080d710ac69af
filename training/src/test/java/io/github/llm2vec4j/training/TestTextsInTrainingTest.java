package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Texts that models are tested on, among those that are trained on. */
class TestTextsInTrainingTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void theyAreCountedAndIfWishedLeftOut(StageKind kind) throws IOException {
        TinyStage stage = new TinyStage(kind, folder).with("eval_steps", "0");
        String known = firstText(kind, Path.of(stage.config("out").text("train_file")));
        TestTexts tests = new TestTexts(Map.of("set", List.of(known, "a text that stands nowhere at all")));

        Path counted = train(stage, "counted", tests);
        assertThat(overlap(counted).toString())
                .isEqualTo("{\"set\":\"set\",\"texts\":2,\"found\":1,\"dropped\":false}");

        stage.with("drop_test_texts", "true");
        Path dropped = train(stage, "dropped", tests);
        assertThat(overlap(dropped).path("dropped").asBoolean()).isTrue();
        Files.write(
                Path.of(stage.config("out").text("train_file")),
                without(kind, Path.of(stage.config("out").text("train_file"))));
        Path without = train(stage.with("drop_test_texts", "false"), "without", tests);
        assertThat(overlap(without).path("found").asInt()).isZero();
        assertThat(TinyStage.log(dropped)).isEqualTo(TinyStage.log(without)).isNotEqualTo(TinyStage.log(counted));
    }

    @ParameterizedTest
    @EnumSource(names = "SIMCSE")
    void aRunThatDropsOthersIsAnotherRun(StageKind kind) throws IOException {
        TinyStage stage = new TinyStage(kind, folder).with("drop_test_texts", "true");
        Stage[] first = new Stage[1];
        first[0] = new Stage(
                kind,
                stage.config("out"),
                List.of(TinyStage.atStep(3, () -> first[0].requestStop())),
                TestTexts.none());
        assertThat(first[0].run(true)).isFalse();
        TestTexts others = new TestTexts(Map.of("set", List.of("river")));

        assertThatThrownBy(() -> new Stage(kind, stage.config("out"), List.of(), others).run(true))
                .hasMessageContaining("test texts that are dropped was");
    }

    private static String firstText(StageKind kind, Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (kind == StageKind.WORD) {
            return String.join(
                    " ",
                    lines.subList(0, lines.indexOf("")).stream()
                            .map(line -> line.replaceFirst(" .*", ""))
                            .toList());
        }
        return kind == StageKind.SUPERVISED
                ? new JsonMapper().readTree(lines.get(0)).path("positive").asText()
                : lines.get(0);
    }

    private static List<String> without(StageKind kind, Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.subList(kind == StageKind.WORD ? lines.indexOf("") + 1 : 1, lines.size());
    }

    private Path train(TinyStage stage, String output, TestTexts tests) throws IOException {
        assertThat(new Stage(stage.kind, stage.config(output), List.of(), tests).run(false))
                .isTrue();
        return folder.resolve(output);
    }

    private static JsonNode overlap(Path output) throws IOException {
        return new JsonMapper()
                .readTree(output.resolve("llm2vec4j.json").toFile())
                .path("training")
                .path(0)
                .path("overlap")
                .path(0);
    }
}
