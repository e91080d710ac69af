package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Scores one model by itself, on the tasks that a recipe uses. */
public final class ModelEvaluation {
    private ModelEvaluation() {}

    /**
     * Scores a model.
     *
     * @param model a folder or {@code embedded:NAME}
     * @param causal whether it attends to earlier tokens alone
     * @param data a folder of public Hebrew data sets, or null for the project's own text
     * @param tasks names of the tasks, or none for all
     */
    public static ModelResult run(String model, boolean causal, @Nullable Path data, Set<String> tasks) {
        Suite all = RecipeData.suite(data);
        if (all.tasks().isEmpty()) {
            throw new ConfigException((data == null ? "the project's own text" : data) + ": gives no task to score: "
                    + all.skipped().get(0).reason());
        }
        Suite suite = tasks.isEmpty() ? all : all.only(tasks);
        try (Llm2Vec loaded = Llm2Vec.builder(model).causal(causal).build()) {
            boolean trained = !loaded.chain().adapters().isEmpty();
            WordStates.Position words = trained ? WordStates.Position.PREVIOUS_TOKEN : WordStates.Position.SAME_TOKEN;
            ModelEncoder encoder = new ModelEncoder(model, loaded, words);
            return suite.run(model, encoder, encoder, result -> {});
        }
    }
}
