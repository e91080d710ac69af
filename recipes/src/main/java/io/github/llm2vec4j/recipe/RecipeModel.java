package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.WordStates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the models that a recipe compares.
 *
 * @param name the row in tables
 * @param folder of the model
 * @param causal whether it attends as the decoder did
 * @param words where the state of a word is read: models trained on masked next tokens predict a word one token earlier
 */
record RecipeModel(String name, Path folder, boolean causal, WordStates.Position words) {

    /** The decoder as it was, the decoder with both directions but no training, and each step's model. */
    static List<RecipeModel> of(Recipe recipe, Path out) {
        Path base = out.resolve("base");
        List<RecipeModel> models = new ArrayList<>();
        models.add(new RecipeModel("decoder, causal", base, true, WordStates.Position.SAME_TOKEN));
        models.add(new RecipeModel("decoder, bidirectional", base, false, WordStates.Position.SAME_TOKEN));
        for (Recipe.Step step : recipe.steps()) {
            models.add(
                    new RecipeModel(step.name(), out.resolve(step.name()), false, WordStates.Position.PREVIOUS_TOKEN));
        }
        return models;
    }

    Llm2Vec load() {
        return Llm2Vec.builder(folder.toString()).causal(causal).build();
    }
}
