package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
    private static final String LIKE = "HuggingFaceTB/SmolLM2-135M";

    @Test
    void theProductsOfABlockAddUpToTheSpeedOfAllBlocks() throws Exception {
        long before = Tensor.liveCount();

        List<JsonNode> lines = json(Cli.run("bench", "products", "--like", LIKE, "--dtype", "float32", "--rows", "8"));

        List<JsonNode> products = lines.subList(0, lines.size() - 1);
        assertThat(products)
                .extracting(
                        product -> product.path("product").asText(),
                        product -> product.path("inputs").asInt() + " to "
                                + product.path("outputs").asInt())
                .containsExactly(
                        tuple("self_attn.q_proj", "576 to 576"),
                        tuple("self_attn.k_proj", "576 to 192"),
                        tuple("self_attn.v_proj", "576 to 192"),
                        tuple("self_attn.o_proj", "576 to 576"),
                        tuple("mlp.gate_proj", "576 to 1536"),
                        tuple("mlp.up_proj", "576 to 1536"),
                        tuple("mlp.down_proj", "1536 to 576"));
        double secondsPerToken = products.stream()
                .mapToDouble(product -> 2e-9
                        * product.path("inputs").asInt()
                        * product.path("outputs").asInt()
                        / product.path("gflops").asDouble())
                .sum();
        JsonNode all = lines.get(lines.size() - 1);
        assertThat(all.path("dtype").asText()).isEqualTo("float32");
        assertThat(all.path("tokens_per_second").asDouble() * 30 * secondsPerToken)
                .isCloseTo(1, within(1e-6));
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void theCeilingIsTheTimeOfTheModelsProductsForAsManyTokens(@TempDir Path folder) throws Exception {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "one\nשתיים\n");

        List<JsonNode> rounds = json(Cli.run(
                "bench",
                "encode",
                "--model",
                Golden.OWN.file("models/mistral").toString(),
                "--in",
                texts.toString(),
                "--rounds",
                "1",
                "--dtype",
                "float32",
                "--ceiling"));

        assertThat(rounds).singleElement().satisfies(round -> {
            double products = round.path("matrix_products_seconds").asDouble();
            assertThat(products).isPositive().isLessThan(round.path("seconds").asDouble());
            assertThat(round.path("share_of_ceiling").asDouble()
                            * round.path("seconds").asDouble())
                    .isCloseTo(products, within(1e-9));
        });
    }

    private static Path trainingConfig(Path folder) throws Exception {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "a text of some words\n".repeat(40));
        return Files.writeString(folder.resolve("config.json"), """
                {"model_name_or_path": "%s", "output_dir": "%s", "train_file": "%s", "torch_dtype": "float32",
                 "max_seq_length": 16, "per_device_train_batch_size": 4, "micro_batch_size": 2, "max_steps": 9}
                """.formatted(
                        Golden.OWN.file("models/mistral"), folder.resolve("out"), texts)
                .replace('\\', '/'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mntp", "simcse"})
    void stepsOfTrainingAreTimedAndLeaveNothing(String stage, @TempDir Path folder) throws Exception {
        long before = Tensor.liveCount();

        List<JsonNode> lines = json(Cli.run(
                "bench",
                "train",
                stage,
                trainingConfig(folder).toString(),
                "--set",
                "load_in_8bit=true",
                "--rounds",
                "2",
                "--ceiling"));

        List<JsonNode> steps = lines.subList(0, lines.size() - 1);
        assertThat(steps).extracting(step -> step.path("step").asInt()).containsExactly(2, 3);
        assertThat(steps).allSatisfy(step -> {
            assertThat(step.path("loss").asDouble()).isPositive();
            assertThat(step.path("tokens").asInt()).isPositive();
            assertThat(step.path("tokens_per_second").asDouble()
                            * step.path("seconds").asDouble())
                    .isCloseTo(step.path("tokens").asInt(), within(1e-6));
            if (Files.exists(Path.of("/proc/self/status"))) {
                assertThat(step.path("anonymous_mb").asLong()).isPositive();
                assertThat(step.path("peak_mb").asLong())
                        .isGreaterThanOrEqualTo(step.path("anonymous_mb").asLong())
                        .isGreaterThanOrEqualTo(step.path("mapped_mb").asLong());
            }
        });
        double seconds = steps.stream()
                .mapToDouble(step -> step.path("seconds").asDouble())
                .sum();
        JsonNode ceiling = lines.get(lines.size() - 1);
        assertThat(ceiling.path("matrix_products_seconds").asDouble()).isPositive();
        assertThat(ceiling.path("share_of_ceiling").asDouble() * seconds)
                .isCloseTo(ceiling.path("matrix_products_seconds").asDouble(), within(1e-9));
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void aStepOfTrainingIsDoneForEachLineOfInput(@TempDir Path folder) throws Exception {
        Cli.Result result = Cli.runAlone(
                "\n\n", "bench", "train", "mntp", trainingConfig(folder).toString(), "--wait");

        List<String> lines = result.assertDone().out().lines().toList();
        assertThat(lines).hasSize(3).first().isEqualTo("ready");
        assertThat(lines.get(1)).contains("\"step\":2,");
        assertThat(lines.get(2)).contains("\"step\":3,");
    }

    @Test
    void aBenchmarkOfNoStepIsRefused(@TempDir Path folder) throws Exception {
        Cli.Result result =
                Cli.run("bench", "train", "mntp", trainingConfig(folder).toString(), "--rounds", "0");

        result.assertRefused("--rounds 0", "expected at least 1 step");
    }

    private static List<JsonNode> json(Cli.Result result) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : result.assertDone().out().lines().toList()) {
            lines.add(new JsonMapper().readTree(line));
        }
        return lines;
    }
}
