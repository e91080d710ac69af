package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.recipe.TinyRecipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train}: each stage by itself. */
class TrainCommandTest {
    @TempDir
    Path folder;

    private Path output;

    private Cli.Result train(String stage, String... more) throws IOException {
        output = folder.resolve("out");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            lines.append("{\"query\": \"q %1$d\", \"positive\": \"p %1$d\", \"text\": \"line %1$d of a text\"}\n"
                    .formatted(i));
        }
        Path texts = Files.writeString(folder.resolve("texts.jsonl"), lines);
        Path config = Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_name_or_path": "%s", "output_dir": "%s", "train_file": "%s", "torch_dtype": "float32",
                 "max_seq_length": 16, "per_device_train_batch_size": 2, "micro_batch_size": 2, "workers": 1}
                """.formatted(Golden.OWN.file("models/mistral"), output, texts).replace('\\', '/'));
        List<String> args = new ArrayList<>(List.of("train", stage, config.toString(), "--set", "max_steps=2"));
        args.addAll(List.of(more));
        return Cli.run(args.toArray(String[]::new));
    }

    /** The files but for the lock, which a run that is refused has held too. */
    private Map<String, String> model() throws IOException {
        Map<String, String> files = TinyRecipe.listing(output);
        files.remove(".lock");
        return files;
    }

    @ParameterizedTest
    @ValueSource(strings = {"clm", "mntp", "simcse", "supervised"})
    void everyStageLeavesAModelThatEncodes(String stage) throws IOException {
        Cli.Result result = train(stage).assertDone();

        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains(stage + ": step 2 of 2");
        assertThat(output.resolve("checkpoints")).doesNotExist();
        try (Llm2Vec model = Llm2Vec.load(output.toString())) {
            assertThat(model.chain().adapters()).hasSize(stage.equals("clm") ? 0 : 1);
            assertThat(model.encode(List.of("a text"))[0]).hasSize(32);
        }
    }

    @Test
    void theReportFollowsTheTrainingAndSaysWhatWasFoundOfTheTests() throws IOException {
        Path texts = folder.resolve("known.jsonl");
        String known = io.github.llm2vec4j.evaluation.suite.EmbeddedText.read(
                        io.github.llm2vec4j.evaluation.suite.DataFiles.resources(
                                TrainCommandTest.class.getClassLoader(), "llm2vec4j/embedded/hebrew-mini/text"))
                .sentences()
                .test()
                .get(0)
                .text();
        Files.writeString(
                texts,
                "{\"text\": \"ובכן: %s\"}\n"
                        .formatted(known.replace("\"", "\\\""))
                        .repeat(8));
        String[] more = {"--set", "train_file=" + texts, "--set", "max_seq_length=8"};
        Cli.Result result = train("mntp", more).assertDone();

        assertThat(result.err()).contains("8 training texts hold one that models are tested on (1 of topic-");
        String page = Files.readString(output.resolve("report.html"));
        assertThat(page)
                .doesNotContain("http-equiv=\"refresh\"")
                .contains("Test texts in training texts", "Gradient norm", "known.jsonl", "The training mntp of");
        assertThat(Files.readString(output.resolve("report.json"))).contains("\"sha256 of known.jsonl\"");
        assertThat(Files.readString(output.resolve("README.md")))
                .contains("library_name: peft", "test texts of topic", "`known.jsonl`")
                .doesNotContain(folder.toString());

        Files.writeString(
                folder.resolve("other.txt"), "line of a text\n".repeat(40), java.nio.file.StandardOpenOption.CREATE);
        Cli.Result dropped = train(
                        "mntp",
                        more[0],
                        "train_file=[\"" + texts + "\", \"" + folder.resolve("other.txt") + "\"]",
                        more[2],
                        more[3],
                        "--set",
                        "drop_test_texts=true",
                        "--set",
                        "overwrite_output_dir=true")
                .assertDone();
        assertThat(dropped.err()).contains(" and are dropped");
    }

    @Test
    void aTaggerOfTheStageWordTags() throws IOException {
        Path words = Files.writeString(folder.resolve("words.txt"), "one NUM\ntwo NUM\nshows VERB\n\n".repeat(4));
        train(
                        "word",
                        "--set",
                        "train_file=" + words,
                        "--set",
                        "task=pos_tags",
                        "--set",
                        "max_steps=60",
                        "--set",
                        "learning_rate=0.01",
                        "--set",
                        "train_adapter=true")
                .assertDone();

        Cli.Result result = Cli.run(
                        "two shows\n\none".getBytes(StandardCharsets.UTF_8), "tag", "--model", output.toString())
                .assertDone();

        assertThat(result.out()).isEqualTo("two\tNUM\nshows\tVERB\n\none\tNUM\n");
    }

    @Test
    void aModelIsNotWrittenOverUnlessThatIsAskedFor() throws IOException {
        train("mntp").assertDone();
        Map<String, String> before = model();

        train("mntp").assertRefused("/out: is not empty: give another output_dir, or set overwrite_output_dir");
        assertThat(train("mntp", "--resume").assertDone().err()).doesNotContain("step");
        assertThat(model()).isEqualTo(before);

        train("mntp", "--set", "overwrite_output_dir=true").assertDone();
        assertThat(model()).isNotEqualTo(before);
    }

    @Test
    void quietSaysNothing() throws IOException {
        Cli.Result result = train("simcse", "--quiet").assertDone();
        assertThat(result.out() + result.err()).isEmpty();
    }

    @Test
    void aRunIsExplainedAndNothingIsWritten() throws IOException {
        Cli.Result result = train("mntp", "--explain").assertDone();

        assertThat(output).doesNotExist();
        assertThat(result.out())
                .containsPattern("max_steps +2 \\(--set\\)")
                .containsPattern("workers +1 \\(file\\)")
                .containsPattern("lora_r +16 \\(default\\)")
                .containsPattern("rows +20\n")
                .containsPattern("in the run +2\n")
                .containsPattern("step 1 +5.00e-05\n")
                .containsPattern("together, without the Java heap +\\d+ MB");
    }
}
