package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.recipe.TinyRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process: its exit code, what it says where, and what is left when it is killed. */
class ChildJvmTest {
    @TempDir
    Path folder;

    @Test
    void aFailureIsOneLineAndAnExitCode() throws Exception {
        Cli.runAlone("text\n", "encode", "--model", folder + "/nowhere", "--out", folder + "/v.npy")
                .assertRefused("/nowhere: no such model folder");
        assertThat(folder).isEmptyDirectory();
    }

    /** No folder can be made in /proc, whoever asks; libraries and the model are unpacked elsewhere. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aHomeThatCannotBeWrittenIsNoHindrance() throws Exception {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "שלום עולם\n");
        Path vectors = folder.resolve("vectors.npy");
        ChildJvm.Result result = ChildJvm.run(
                List.of("-Xmx256m", "-Duser.home=/proc/none", "-Djava.io.tmpdir=" + folder),
                Map.of("HOME", "/proc/none"),
                Main.class,
                "encode",
                "--model",
                "embedded:hebrew-mini",
                "--in",
                texts.toString(),
                "--out",
                vectors.toString());
        assertThat(result.output()).contains("1 texts in ").hasLineCount(1);
        assertThat(vectors).exists();
    }

    @Test
    void standardOutputHoldsTheAnswerAlone() throws Exception {
        Path texts = Files.writeString(folder.resolve("texts.txt"), "one\nשתיים\n");
        Cli.Result result = Cli.runAlone(
                        "",
                        "bench",
                        "encode",
                        "--model",
                        Golden.OWN.file("models/mistral").toString(),
                        "--in",
                        texts.toString(),
                        "--rounds",
                        "2",
                        "--dtype",
                        "float32")
                .assertDone();
        assertThat(result.out().lines()).hasSize(2).allSatisfy(line -> {
            JsonNode round = new JsonMapper().readTree(line);
            assertThat(round.path("texts").asInt()).isEqualTo(2);
            assertThat(round.path("tokens_per_second").asDouble()).isPositive();
        });
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aRecipeThatWasKilledGoesOnToTheSameModelsAndReport() throws Exception {
        Path recipe = TinyRecipe.write(folder);
        Path killed = folder.resolve("killed");
        Path straight = folder.resolve("straight");
        Process process = Cli.start("recipe", recipe.toString(), "--out", killed.toString());
        try {
            Path checkpoint = killed.resolve("mntp/checkpoints/step-1");
            Path complete = killed.resolve("mntp/training.json");
            while (process.isAlive() && !Files.exists(checkpoint) && !Files.exists(complete)) {
                process.waitFor(10, TimeUnit.MILLISECONDS);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(killed.resolve("report.json")).doesNotExist();

        Cli.Result resumed =
                Cli.run("recipe", recipe.toString(), "--out", killed.toString()).assertDone();
        Cli.Result whole = Cli.run("recipe", recipe.toString(), "--out", straight.toString())
                .assertDone();

        assertThat(TinyRecipe.adapters(killed)).containsExactlyEntriesOf(TinyRecipe.adapters(straight));
        assertThat(killed.resolve("report.html")).exists();
        assertThat(killed.resolve("report.json")).exists();
        assertThat(resumed.err()).contains("[1/5] base (done before)", "[5/5] evaluate");
        assertThat(whole.out()).contains("topic-classification", "report: " + straight.resolve("report.html"));
        assertThat(whole.err()).contains("[2/5] mntp\n", "mntp: step 3 of 3");

        Cli.Result again = Cli.run("recipe", recipe.toString(), "--out", straight.toString())
                .assertDone();
        assertThat(again.out()).isEqualTo(whole.out());
        assertThat(again.err()).doesNotContain("step 1 of 3").contains("[4/5] mntp-supervised (done before)");
    }
}
