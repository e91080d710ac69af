package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of a run before it. */
class StageExplainTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(StageKind.class)
    void everyStageIsExplainedAsItIsRunAndNothingIsWritten(StageKind kind) throws IOException {
        TinyStage stage = new TinyStage(kind, folder);
        List<String> lines = new Stage(kind, stage.config("out").with("seed", "7"), List.of()).explain();
        String text = String.join("\n", lines);

        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(text)
                .startsWith("stage " + kind + ", from settings")
                .containsPattern("seed +7 \\(--set\\)")
                .containsPattern("max_steps +8 \\(file\\)")
                .containsPattern("max_grad_norm +1.0 \\(default\\)")
                .containsPattern("save_total_limit +2 \\(default\\)")
                .containsPattern("in the run +8")
                .containsPattern(kind == StageKind.WORD ? "sentences +\\d+" : "rows +40");
        stage.with("seed", "7").finish("out");
        for (var step : TinyStage.log(folder.resolve("out"))) {
            if (step.has("learning_rate")
                    && (step.path("step").asInt() == 1 || step.path("step").asInt() == 4)) {
                double rate = rate(lines, step.path("step").asInt());
                assertThat(rate).isCloseTo(step.path("learning_rate").asDouble(), within(1e-5));
            }
        }
    }

    private static double rate(List<String> lines, int step) {
        String line = lines.stream()
                .filter(l -> l.strip().startsWith("step " + step + " "))
                .findFirst()
                .orElseThrow();
        return Double.parseDouble(line.strip().replaceFirst("step \\d+ +", ""));
    }

    @Test
    void parametersAreCountedAsTheyAreMade() {
        Path base = Golden.OWN.file("models/mistral");
        DecoderConfig shape = DecoderConfig.read(base);
        LoraConfig lora = new LoraConfig(4, 8, 0.05, LoraConfig.ALL_LINEAR, "base");
        MemoryEstimate estimate =
                MemoryEstimate.of(shape, lora, new MemoryEstimate.Load(2, 4, 4, 16, DType.F32, false, false, false));
        try (Decoder decoder = Decoder.load(base, DType.F32);
                LoraAdapter adapter = LoraAdapter.inject(decoder, lora, 1)) {
            assertThat(estimate.parameters())
                    .isEqualTo(decoder.parameters().values().stream()
                            .mapToLong(p -> count(p.value().shape()))
                            .sum());
            assertThat(estimate.trainedParameters())
                    .isEqualTo(adapter.parameters().stream()
                            .mapToLong(p -> count(p.value().shape()))
                            .sum());
        }
        assertThat(estimate.weights()).isEqualTo(4 * estimate.parameters());
    }

    private static long count(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product *= size;
        }
        return product;
    }

    @Test
    void recomputingBlocksTakesLessMemory() throws IOException {
        ObjectNode json = (ObjectNode) new JsonMapper()
                .readTree(Golden.OWN.file("models/mistral/config.json").toFile());
        DecoderConfig shape = DecoderConfig.of(json.put("num_hidden_layers", 12));
        long kept = MemoryEstimate.of(shape, null, new MemoryEstimate.Load(1, 8, 8, 64, DType.F32, false, true, false))
                .activations();
        long recomputed = MemoryEstimate.of(
                        shape, null, new MemoryEstimate.Load(1, 8, 8, 64, DType.F32, true, true, false))
                .activations();
        assertThat(recomputed).isLessThan(kept);
    }

    @Test
    void keysWithoutMeaningAreNamed() throws IOException {
        TinyStage stage = new TinyStage(StageKind.MNTP, folder)
                .with("logging_steps", "50")
                .with("dataset_name", "\"wikitext\"");
        assertThat(String.join("\n", stage.stage("out").explain()))
                .contains("without meaning here: dataset_name, logging_steps");
        assertThat(Files.exists(folder.resolve("out"))).isFalse();
    }
}
