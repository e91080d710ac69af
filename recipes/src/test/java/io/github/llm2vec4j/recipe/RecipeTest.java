package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
    @TempDir
    Path folder;

    @Test
    void theRecipeOfTheProjectIsFoundByItsName() {
        Recipe recipe = Recipe.load("hebrew-mini");
        assertThat(recipe.base()).isEqualTo("embedded:hebrew-mini");
        assertThat(recipe.steps()).extracting(Recipe.Step::name).containsExactly(TinyRecipe.STAGES);
        assertThat(recipe.steps()).extracting(Recipe.Step::after).containsExactly(null, "mntp", "mntp");
    }

    @Test
    void aSettingIsChangedInOneStepOrInAll() throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString());
        assertThat(recipe.with("mntp.seed=7").steps())
                .extracting(step -> step.settings().integer("seed", 42))
                .containsExactly(7, 42, 42);
        assertThat(recipe.with("seed=7").steps())
                .extracting(step -> step.settings().integer("seed", 42))
                .containsExactly(7, 7, 7);
        assertThat(recipe.with("base=elsewhere").base()).isEqualTo("elsewhere");
    }

    /** A part of the recipe, what is put in its place, and what the error says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"base\"          | \"bass\"        | unknown key 'bass'; did you mean 'base'?",
                "\"after\"         | \"afer\"        | unknown key 'mntp-unsup-simcse.afer'; did you mean 'mntp-unsup-simcse.after'?",
                "\"lora_r\"        | \"lora_rank\"   | mntp.settings: unknown key 'lora_rank'; did you mean 'lora_r'?",
                "\"lora_r\": 2     | \"lora_r\": \"two\" | mntp.settings: lora_r: expected an integer, found \"two\"",
                "\"after\": \"mntp\" | \"after\": \"mtp\" | mntp-unsup-simcse.after: 'mtp' is not a step before it",
                "\"stage\": \"simcse\" | \"stage\": \"simcs\" | mntp-unsup-simcse: stage 'simcs': expected clm, mntp, simcse, supervised or word",
                "\"mntp\": {       | \"base\": {     | step 'base': expected the name of a folder",
                "\"mntp\": {       | \"../mntp\": {  | step '../mntp': expected the name of a folder",
                "\"workers\": 2    | \"workers\": ]  | tiny.json line 3: not valid JSON",
                "\"base\":         | \"name\":       | expected a base and at least one step",
            })
    void whatIsWrongIsNamedWithItsPlace(String part, String instead, String message) throws IOException {
        Path file = TinyRecipe.write(folder);
        String text = Files.readString(file);
        assertThat(text).contains(part);
        Files.writeString(file, text.replace(part, instead));

        assertThatThrownBy(() -> Recipe.load(file.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aNameThatIsNoRecipeIsRefused() {
        assertThatThrownBy(() -> Recipe.load("no-such"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no-such: no recipe of that name and no such file");
    }

    @Test
    void anAssignmentThatFitsNoStepIsRefused() throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString());
        assertThatThrownBy(() -> recipe.with("mtp.seed=1")).hasMessageContaining("no step 'mtp'; there are [mntp,");
        assertThatThrownBy(() -> recipe.with("seed")).hasMessage("--set seed: expected key=value");
        assertThatThrownBy(() -> recipe.with("mntp.sed=1")).hasMessageContaining("did you mean 'seed'?");
    }
}
