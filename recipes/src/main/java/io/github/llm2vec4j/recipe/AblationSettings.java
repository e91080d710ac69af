package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.WordStates;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an ablation compares, and on what.
 *
 * @param recipe of the run; its settings train what the run lacks, its text is the default suite
 * @param run the folder of a finished run of the recipe, or null where models are given
 * @param models folders or names, all on one decoder; empty where there is a run
 * @param data a folder of public Hebrew data sets, or null for the project's own text; for a run the one it was made with
 * @param layers {@code few}, {@code all}, or numbers with commas, from 0 for the embeddings
 * @param poolings the first is the one at which the other factors are compared
 * @param words where a word's state is read
 * @param tasks names of the tasks, or none for all
 * @param cache where vectors and results are kept
 */
public record AblationSettings(
        Recipe recipe,
        @Nullable Path run,
        List<String> models,
        @Nullable Path data,
        String layers,
        Set<Pooling> poolings,
        WordStates.Position words,
        Set<String> tasks,
        Path cache) {
    public AblationSettings {
        models = List.copyOf(models);
        poolings = new LinkedHashSet<>(poolings);
        tasks = Set.copyOf(tasks);
    }
}
