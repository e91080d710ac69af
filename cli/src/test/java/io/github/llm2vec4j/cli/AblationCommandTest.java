package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.recipe.TinyRecipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AblationCommandTest {
    @TempDir
    static Path folder;

    private static String recipe;
    private static String run;

    @BeforeAll
    static void runTheRecipe() throws IOException {
        recipe = TinyRecipe.write(folder).toString();
        run = folder.resolve("run").toString();
        Cli.run("recipe", recipe, "--out", run, "--only", "base,mntp,mntp-unsup-simcse,mntp-supervised", "--quiet")
                .assertDone();
    }

    private static Cli.Result ablation(String... more) {
        List<String> always = List.of(
                "ablation",
                "--recipe",
                recipe,
                "--cache",
                folder.resolve("cache").toString());
        return Cli.run(Stream.concat(always.stream(), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void oneTableIsPrintedAndTheReportWritten() throws IOException {
        String[] what = {run, "--layers", "1,2", "--pooling", "mean,max", "--task", "paraphrase", "--task", "pos"};
        Cli.Result first = ablation(what).assertDone();
        assertThat(first.out())
                .contains("causal, simcse, mean, layer 2", "bidirectional, mntp + supervised, max, layer 1")
                .contains("average_precision", "* best; ~ behind the best")
                .contains("cosine causal–bidirectional by layer, bidirectional, none: 1: ", "told apart")
                .contains("report: " + Path.of(run, "ablation", "ablation.html"));
        assertThat(first.err()).contains("[1/2] simcse-causal", "[2/2] simcse-bidirectional", "paraphrase");
        assertThat(Path.of(run, "ablation", "ablation.html")).content().contains("<rect", "</html>");

        Cli.Result second = ablation(Stream.concat(Stream.of(what), Stream.of("--json", "--quiet"))
                        .toArray(String[]::new))
                .assertDone();
        JsonNode json = new JsonMapper().readTree(second.out());
        assertThat(json.at("/cells")).hasSize(7 * 2 * 2);
        assertThat(json.at("/run/command").asText()).contains("--pooling mean,max");
        assertThat(second.err()).isEmpty();
    }

    @Test
    void whatCannotBeComparedIsRefusedBeforeAnyTraining() {
        ablation(run, "--layers", "3").assertRefused("--layers 3", "0 (the embeddings) to 2");
        ablation(run, "--pooling", "middle").assertRefused("'middle' is not supported", "weighted_mean");
        ablation(run, "--task", "poetry").assertRefused("poetry", "paraphrase");
        ablation(run, "--model", run).assertRefused("a run or models with --model, not both");
        ablation(folder.resolve("none").toString()).assertRefused("is not there yet", "finish the run first");
        ablation(run, "--data", folder.resolve("none").toString()).assertRefused("none");
        ablation("--model", folder.resolve("none").toString()).assertRefused("none");
    }
}
