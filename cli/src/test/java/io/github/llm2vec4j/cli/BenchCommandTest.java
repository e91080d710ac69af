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

    private static List<JsonNode> json(Cli.Result result) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : result.assertDone().out().lines().toList()) {
            lines.add(new JsonMapper().readTree(line));
        }
        return lines;
    }
}
