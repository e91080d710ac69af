package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the models that a recipe compares. The state of a word is read at the word itself for all of them, so that they
 * differ in nothing but their training.
 *
 * @param name the row in tables
 * @param model its folder, or its name on the hub
 * @param causal whether it attends as the decoder did
 */
record RecipeModel(String name, String model, boolean causal) {

    /** The decoder as it was, the decoder with both directions but no training, and each step's model. */
    static List<RecipeModel> of(Recipe recipe, Path out) {
        String base = recipe.base(out);
        List<RecipeModel> models = new ArrayList<>();
        models.add(new RecipeModel("decoder, causal", base, true));
        models.add(new RecipeModel("decoder, bidirectional", base, false));
        for (Recipe.Step step : recipe.steps()) {
            models.add(new RecipeModel(step.name(), out.resolve(step.name()).toString(), false));
        }
        return models;
    }

    Llm2Vec load() {
        return Llm2Vec.builder(model).causal(causal).build();
    }
}
