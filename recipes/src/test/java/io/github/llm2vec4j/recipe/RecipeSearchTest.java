package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.TrainingListener;
import io.github.llm2vec4j.training.TrainingLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Choosing a setting by short trainings. */
class RecipeSearchTest {
    @TempDir
    Path folder;

    @Test
    void theBestMeanOfTheTwoRanksIsTaken() {
        List<Trial> trials = List.of(
                new Trial("a", 0.9, 0.2), new Trial("b", 0.8, 0.5), new Trial("c", 0.7, 0.4), new Trial("d", 0, 0));
        assertThat(trials.stream().map(trial -> RecipeSearch.meanRank(trials, trial)))
                .containsExactly(2.0, 1.5, 2.5, 4.0);
        assertThat(RecipeSearch.best(trials).value()).isEqualTo("b");
    }

    @Test
    void ofEqualRanksTheHigherScoreCountsThenTheOrder() {
        assertThat(RecipeSearch.best(List.of(new Trial("a", 0.9, 0.1), new Trial("b", 0.8, 0.9)))
                        .value())
                .isEqualTo("b");
        List<Trial> same = List.of(new Trial("a", 0.5, 0.5), new Trial("b", 0.5, 0.5));
        assertThat(RecipeSearch.meanRank(same, same.get(0))).isEqualTo(1.5);
        assertThat(RecipeSearch.best(same).value()).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "mask_probability; expected KEY=VALUE",
                "mask_probability=0.2; two or more values",
                "mask_probability=0.2,0.2; each once",
                "mask_probability=0.2,2; above 0 to 1",
                "mask_probability=0.2,much; expected a number",
                "mask_probabilty=0.2,0.4; did you mean",
                "other.lora_r=2,4; no such step; there are [mntp, "
            })
    void whatCannotBeSearchedForIsRefused(String assignment, String said) throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString());
        assertThatThrownBy(() -> RecipeSearch.of(recipe, assignment, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said.strip());
    }

    @Test
    void aTrialIsAShorterTraining() throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString())
                .with("max_steps=100")
                .with("warmup_steps=20");
        RecipeSearch search = RecipeSearch.of(recipe, "mntp-unsup-simcse.learning_rate=1e-3,1e-4", null);
        assertThat(search.steps()).isEqualTo(25);
        assertThat(search.trial("1e-4").settings().toJson().toString())
                .contains(
                        "\"max_steps\":25",
                        "\"warmup_steps\":5",
                        "\"learning_rate\":1.0E-4",
                        "\"drop_test_texts\":true");
        assertThat(RecipeSearch.of(recipe, "mask_probability=0.2,0.4", 7).steps())
                .isEqualTo(7);
    }

    /** What a run says, and the trainings that it begins; it may stop at one. */
    private static final class Heard implements RecipeListener {
        final List<String> said = new ArrayList<>();
        int steps;
        Runnable atStep = () -> {};

        @Override
        public void said(String text) {
            said.add(text);
        }

        @Override
        public TrainingListener training(String name) {
            return new TrainingListener() {
                @Override
                public void stepEnded(Step step) {
                    steps++;
                    atStep.run();
                }
            };
        }
    }

    private static RecipeRun run(Recipe recipe, Path out, List<String> search, RecipeListener listener) {
        return new RecipeRun(recipe, out, null, Set.of("base", "mntp"), search, 2, Machine.host(null), listener);
    }

    @Test
    void theChoiceIsTrainedAndKeptAndASearchThatWasStoppedGoesOn() throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString());
        Path out = folder.resolve("run");
        List<String> search = List.of("mask_probability=0.2,0.8");
        Heard stopping = new Heard();
        RecipeRun stopped = run(recipe, out, search, stopping);
        stopping.atStep = () -> {
            if (stopping.steps == 3) {
                stopped.requestStop();
            }
        };
        stopped.run();
        assertThat(out.resolve("mntp")).doesNotExist();
        assertThat(out.resolve("report.html"))
                .content()
                .contains("Stopped as asked")
                .doesNotContain("http-equiv=\"refresh");

        Heard heard = new Heard();
        run(recipe, out, search, heard).run();
        assertThat(heard.steps)
                .as("the rest of the second trial, and the training")
                .isEqualTo(1 + TinyRecipe.STEPS);
        assertThat(heard.said)
                .anyMatch(text -> text.contains("Search for mntp.mlm_probability") && text.contains("chosen"));
        JsonNode choice = new JsonMapper()
                .readTree(out.resolve("search/choice-mntp.mlm_probability.json").toFile());
        String value = choice.path("value").asText();
        assertThat(choice.at("/table/rows")).hasSize(2);
        assertThat(settings(out).path("mlm_probability").asText()).isEqualTo(value);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("Search for mntp.mlm_probability", "Mean rank");
        for (String tried : List.of("0.2", "0.8")) {
            assertThat(TrainingLog.read(out.resolve("search/mntp.mlm_probability-" + tried + "/log.jsonl")))
                    .filteredOn(line -> line.has("loss"))
                    .hasSize(2);
        }

        Heard again = new Heard();
        run(recipe, out, List.of(), again).run();
        assertThat(again.steps).as("trained before, with the choice").isZero();
        assertThat(again.said).anyMatch(text -> text.contains("mlm_probability is " + value));
    }

    private static JsonNode settings(Path out) throws IOException {
        return new JsonMapper()
                .readTree(out.resolve("mntp/training.json").toFile())
                .path("settings");
    }
}
