package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.model.PublishedShape;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.StageEstimate;
import io.github.llm2vec4j.training.StageKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a recipe before anything is downloaded. */
class RecipeExplanationTest {
    private static final List<Machine> DEVICES =
            Machine.standard(Machine.WeightForm.of(DType.F32, 1e11), Machine.WeightForm.of(DType.BF16, 2e11), "a test");

    @TempDir
    Path folder;

    static List<String> names() {
        return Recipe.NAMES;
    }

    private static RecipeExplanation of(String name) {
        return new RecipeExplanation(Recipe.load(name), DEVICES);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRecipeOfTheProjectIsExplainedWithoutADownload(String name) throws IOException {
        Recipe recipe = Recipe.load(name);
        assertThat(recipe.name()).isEqualTo(name);
        String text = String.join("\n", of(name).lines());
        assertThat(text)
                .contains(recipe.base(), "mntp-supervised", "CPU, 16 GB", "CPU, 24 GB", "GPU, 24 GB", "GPU, 80 GB");
        JsonNode json = of(name).json();
        assertThat(json.path("stages")).hasSize(3);
        assertThat(json.path("plans"))
                .hasSize(4)
                .allSatisfy(plan -> assertThat(plan.path("stages")).hasSize(3).allSatisfy(stage -> {
                    assertThat(stage.path("bytes").asLong()).isPositive();
                    assertThat(stage.path("seconds").asDouble()).isPositive();
                    assertThat(stage.path("fits").asBoolean()).as("%s", stage).isTrue();
                }));
    }

    @Test
    void plansDifferByWhatFits() throws IOException {
        JsonNode plans = of("dictalm2.0").json().path("plans");
        JsonNode cpu = plans.get(1).path("stages");
        JsonNode small = plans.get(2).path("stages");
        JsonNode large = plans.get(3).path("stages");
        assertThat(cpu.get(0).path("torch_dtype").asText())
                .as("fp32 does not fit")
                .isEqualTo("bfloat16");
        assertThat(large.get(0).path("micro_batch_size").asInt())
                .isGreaterThan(small.get(0).path("micro_batch_size").asInt());
        assertThat(small.get(1).path("gradient_cache").asBoolean()).isTrue();
        for (JsonNode stages : List.of(cpu, small)) {
            assertThat(stages)
                    .allSatisfy(
                            stage -> assertThat(stage.path("bytes").asLong()).isLessThan(22_000_000_000L));
        }
    }

    @Test
    void theBaseIsHeldAsInt8WhereBfloat16DoesNotFit() throws IOException {
        JsonNode plans = of("dictalm2.0").json().path("plans");
        assertThat(plans.get(0).path("stages")).allSatisfy(stage -> {
            assertThat(stage.path("load_in_8bit").asBoolean()).isTrue();
            assertThat(stage.path("gradient_checkpointing").asBoolean()).isTrue();
            assertThat(stage.path("bytes").asLong()).isLessThan(14_000_000_000L);
        });
        for (int roomy = 1; roomy < 4; roomy++) {
            assertThat(plans.get(roomy).path("stages"))
                    .noneSatisfy(stage ->
                            assertThat(stage.path("load_in_8bit").asBoolean()).isTrue());
        }
    }

    @Test
    void whatASettingSaysOfTheWeightsIsKept() throws IOException {
        Recipe recipe = Recipe.load("dictalm2.0");
        Machine small = DEVICES.get(0);
        for (String setting : List.of("load_in_8bit=false", "gradient_checkpointing=false")) {
            Recipe.Step step = recipe.with(setting).steps().get(0);
            StepPlan plan = StepPlan.of(step, RecipeExplanation.shape(recipe), small);
            assertThat(plan.step().settings().flag("load_in_8bit", false))
                    .as(setting)
                    .isFalse();
            assertThat(plan.fits()).as(setting).isFalse();
        }
        StepPlan wide = StepPlan.of(
                recipe.with("torch_dtype=float32").steps().get(0), RecipeExplanation.shape(recipe), DEVICES.get(3));
        assertThat(wide.form().type()).isEqualTo(DType.F32);
        assertThat(wide.estimate().bytes()).isGreaterThan(29_000_000_000L);
        Recipe.Step step = recipe.with("load_in_8bit=true").steps().get(0);
        StepPlan plan = StepPlan.of(step, RecipeExplanation.shape(recipe), DEVICES.get(1));
        assertThat(plan.form().eightBit()).isTrue();
        assertThat(plan.words()).startsWith("int8, computed in");
    }

    /** The speed of the A100 is what the published figure says of the published stage. */
    @Test
    void theSpeedOfTheA100IsThatOfThePublishedCost() {
        Recipe.Step mntp = Recipe.load("mistral-7b-instruct-v0.2").steps().get(0);
        StageEstimate estimate = StageEstimate.of(
                StageKind.MNTP,
                mntp.settings(),
                PublishedShape.of("mistralai/Mistral-7B-Instruct-v0.2"),
                1,
                DType.BF16);
        assertThat(estimate.flops() / 6000).isCloseTo(Machine.A100, within(0.03 * Machine.A100));
        assertThat(estimate.parameters()).isEqualTo(7_241_732_096L);
    }

    @Test
    void aStageThatFitsIsRunAsTheRecipeSays() throws IOException {
        Recipe recipe = Recipe.load(TinyRecipe.write(folder).toString());
        for (Recipe.Step step : recipe.steps()) {
            StepPlan plan = StepPlan.of(step, RecipeExplanation.shape(recipe), DEVICES.get(3));
            assertThat(plan.step().settings().toJson())
                    .isEqualTo(step.settings().toJson());
            assertThat(plan.fits()).isTrue();
        }
    }

    @Test
    void aShapeThatIsNotKnownIsSaid() {
        Recipe other = Recipe.load("dictalm2.0").with("base=owner/other");
        assertThatThrownBy(() -> new RecipeExplanation(other, DEVICES).lines())
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("owner/other", "./llm2vec pull owner/other", "dicta-il/dictalm2.0");
    }

    @Test
    void everyBaseOnTheHubHasAKnownShape() {
        for (String name : Recipe.NAMES) {
            String base = Recipe.load(name).base();
            assertThat(base.startsWith("embedded:") || PublishedShape.isKnown(base.toLowerCase(Locale.ROOT)))
                    .as(base)
                    .isTrue();
        }
    }
}
