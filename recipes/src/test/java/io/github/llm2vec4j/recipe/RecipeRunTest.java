package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job from its beginning to its end, on a tiny model. */
class RecipeRunTest {
    private static final List<String> MODELS =
            List.of("decoder, causal", "decoder, bidirectional", "mntp", "mntp-unsup-simcse", "mntp-supervised");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path recipe;
    private static Path straight;
    private static List<ModelResult> results;

    @BeforeAll
    static void runOnceWithoutAStop() throws IOException {
        recipe = TinyRecipe.write(shared);
        straight = shared.resolve("straight");
        results = run(straight, Set.of(), new Recorder());
    }

    private static List<ModelResult> run(Path out, Set<String> only, RecipeListener listener) throws IOException {
        return new RecipeRun(Recipe.load(recipe.toString()), out, null, only, listener).run();
    }

    /** Notes the steps of the recipe, and those of its trainings, and may act on these. */
    private static final class Recorder implements RecipeListener {
        final List<String> done = new ArrayList<>();
        final List<String> trained = new ArrayList<>();
        BiConsumer<String, Long> at = (stage, step) -> {};

        @Override
        public void stepStarted(String name, int number, int steps, boolean complete) {
            if (complete) {
                done.add(name);
            }
        }

        @Override
        public TrainingListener training(String stage) {
            return new TrainingListener() {
                @Override
                public void stepEnded(Step step) {
                    trained.add(stage + " " + step.number());
                    at.accept(stage, step.number());
                }
            };
        }
    }

    @Test
    void everyModelIsThereAndEncodes() {
        for (String stage : TinyRecipe.STAGES) {
            try (Llm2Vec model = Llm2Vec.load(straight.resolve(stage).toString())) {
                assertThat(model.chain().base()).isEqualTo(straight.resolve("base"));
                assertThat(model.chain().adapters()).hasSize(stage.equals("mntp") ? 1 : 2);
                assertThat(model.encode(List.of("שלום"))[0]).hasSize(32);
            }
        }
    }

    @Test
    void allModelsAndTheBaselineAreScoredOnAllTasks() throws IOException {
        assertThat(results)
                .extracting(ModelResult::model)
                .startsWith(MODELS.toArray(String[]::new))
                .hasSize(6);
        assertThat(results).allSatisfy(result -> assertThat(result.results()).hasSize(6));
        JsonNode report =
                new JsonMapper().readTree(straight.resolve("report.json").toFile());
        assertThat(report.toString()).contains(MODELS);
        assertThat(report.findValues("stage")).extracting(JsonNode::asText).contains(TinyRecipe.STAGES);
        assertThat(straight.resolve("report.html"))
                .content()
                .contains("<html", "</html>")
                .contains(MODELS);
    }

    @Test
    void everyModelHasACardWithItsTrainingsAndResults() throws IOException {
        for (String stage : TinyRecipe.STAGES) {
            assertThat(straight.resolve(stage).resolve("README.md"))
                    .content()
                    .contains("name: " + stage, "- task:", "| pos | accuracy | ", " to ", "`texts.txt`", "## Results")
                    .contains("test texts of pos in the data | 0 of ")
                    .doesNotContain(shared.toString());
        }
        assertThat(straight.resolve("mntp-supervised/README.md"))
                .content()
                .containsSubsequence("### mntp", "### supervised", "`triples.jsonl`")
                .contains("- The adapter `mntp` is merged into that first, weights with sha256 `");
        assertThat(Files.readString(straight.resolve("report.html")))
                .doesNotContain("http-equiv=\"refresh\"")
                .contains("Test texts in training texts", "sha256 of texts.txt");
    }

    @Test
    void aRunThatGoesOnIsOnItsPage() throws IOException {
        Path out = folder.resolve("run");
        List<String> pages = new ArrayList<>();
        Recorder recorder = new Recorder();
        recorder.at = (stage, step) -> {
            try {
                pages.add(Files.readString(out.resolve("report.html")));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        run(out, Set.of("base", "mntp"), recorder);
        assertThat(pages.get(0)).contains("http-equiv=\"refresh\"", "<th scope=\"row\">mntp</th><td>running</td>");
        assertThat(out.resolve("report.html"))
                .content()
                .contains("<th scope=\"row\">mntp</th><td>done</td>", TinyRecipe.STEPS + " of " + TinyRecipe.STEPS)
                .doesNotContain("http-equiv=\"refresh\"", "evaluate</th>");
    }

    @Test
    void aRunThatIsCompleteTrainsAndScoresNothingAgain() throws IOException {
        Map<String, String> before = new TreeMap<>(TinyRecipe.listing(straight));
        Recorder recorder = new Recorder();

        assertThat(run(straight, Set.of(), recorder)).hasSameSizeAs(results);

        assertThat(recorder.done).containsExactly("base", "mntp", "mntp-unsup-simcse", "mntp-supervised");
        assertThat(recorder.trained).isEmpty();
        Map<String, String> after = new TreeMap<>(TinyRecipe.listing(straight));
        for (Map<String, String> files : List.of(before, after)) {
            files.keySet()
                    .removeIf(name -> name.startsWith("report.") || name.equals("run.json") || name.startsWith("data"));
        }
        assertThat(after).isEqualTo(before);
    }

    @Test
    void aRunThatWasStoppedAndThenFailedGoesOnToTheSameModels() throws IOException {
        Path out = folder.resolve("run");
        Recorder first = new Recorder();
        RecipeRun stopped = new RecipeRun(Recipe.load(recipe.toString()), out, null, Set.of(), first);
        first.at = (stage, step) -> stopped.requestStop();
        assertThat(stopped.run()).isNull();
        assertThat(first.trained).containsExactly("mntp 1");

        Recorder second = new Recorder();
        second.at = (stage, step) -> {
            if (stage.equals("mntp-unsup-simcse") && step == 2) {
                throw new IllegalStateException("the machine fails here");
            }
        };
        assertThatThrownBy(() -> run(out, Set.of(), second)).hasMessage("the machine fails here");
        assertThat(second.trained).containsExactly("mntp 2", "mntp 3", "mntp-unsup-simcse 1", "mntp-unsup-simcse 2");

        Recorder third = new Recorder();
        assertThat(run(out, Set.of(), third)).hasSameSizeAs(results);
        assertThat(third.done).containsExactly("base", "mntp");
        assertThat(third.trained).startsWith("mntp-unsup-simcse 2", "mntp-unsup-simcse 3", "mntp-supervised 1");
        assertThat(TinyRecipe.adapters(out)).containsExactlyEntriesOf(TinyRecipe.adapters(straight));
    }

    @Test
    void stepsCanBeDoneOneByOne() throws IOException {
        Path out = folder.resolve("run");
        assertThat(run(out, Set.of("base", "mntp"), new Recorder())).isNull();
        Recorder recorder = new Recorder();
        assertThat(run(out, Set.of("mntp-supervised"), recorder)).isNull();

        assertThat(recorder.trained).first().isEqualTo("mntp-supervised 1");
        assertThat(out.resolve("mntp-unsup-simcse")).doesNotExist();
    }

    @Test
    void whatAKilledCopyOfTheBaseHasLeftIsDeleted() throws IOException {
        Path out = folder.resolve("run");
        Path half = Files.createDirectories(out.resolve(".tmp-base-1-1"));
        Files.writeString(half.resolve("model.safetensors"), "half");

        run(out, Set.of("base"), new Recorder());

        assertThat(half).doesNotExist();
        assertThat(out.resolve("base/model.safetensors")).exists();
    }

    @Test
    void aStepThatNeedsOneThatIsNotThereIsRefused() {
        for (String only : List.of("mntp", "mntp-supervised", "evaluate")) {
            Path out = folder.resolve("run");
            assertThatThrownBy(() -> run(out, Set.of(only), new Recorder()))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("is not there yet: do the step");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void aBaseThatIsNotWholeIsRefusedBeforeAnythingIsWritten() throws IOException {
        Path out = folder.resolve("run");
        for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Path base = Golden.OWN.copy("models/mistral", folder.resolve("without-" + file));
            Files.delete(base.resolve(file));
            Recipe broken = Recipe.load(recipe.toString()).with("base=" + base);
            assertThatThrownBy(() -> new RecipeRun(broken, out, null, Set.of(), new Recorder()).run())
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining(base.toString())
                    .hasMessageContaining("has no " + file);
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void aRunOnAnotherBaseIsNotGoneOnWith() throws IOException {
        Path out = folder.resolve("run");
        run(out, Set.of("base"), new Recorder());
        Path other = Golden.OWN.copy("models/llama", folder.resolve("other"));
        Recipe changed = Recipe.load(recipe.toString()).with("base=" + other);
        Map<String, String> before = TinyRecipe.listing(out);

        assertThatThrownBy(() -> new RecipeRun(changed, out, null, Set.of(), new Recorder()).run())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("another base than " + other);
        assertThat(TinyRecipe.listing(out)).isEqualTo(before);
    }

    @Test
    void aFolderThatHoldsSomethingElseIsLeftAlone() throws IOException {
        Path out = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(out.resolve("letter.txt"), "dear");
        assertThatThrownBy(() -> run(out, Set.of(), new Recorder()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is not empty");
        assertThatThrownBy(() -> run(out.resolve("letter.txt"), Set.of(), new Recorder()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is a file");
        assertThat(TinyRecipe.listing(out)).containsOnlyKeys("", "letter.txt");
    }

    @Test
    void aDamagedClockIsNamed() throws IOException {
        Path out = Files.createDirectory(folder.resolve("run"));
        Files.writeString(out.resolve("run.json"), "{");
        assertThatThrownBy(() -> run(out, Set.of(), new Recorder()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.json: is damaged: delete it");
    }
}
