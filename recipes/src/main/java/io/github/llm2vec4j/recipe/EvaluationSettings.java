package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to evaluate, and on what.
 *
 * @param models folders or {@code embedded:NAME}, each once
 * @param embeddings other encoders of which only vectors are at hand: name to a file of {@link
 *     io.github.llm2vec4j.evaluation.baseline.StoredVectors}
 * @param causal whether the models attend to earlier tokens alone
 * @param words where a model's word vectors are read, or null for what it was trained for
 * @param baselines whether the rows that a model has to beat are measured too
 * @param data a folder of public Hebrew data sets, or null for the project's own text
 * @param files tasks beside those of the data
 * @param tasks names of the tasks of the data, or none for all
 * @param hub which of MTEB's tasks are scored too, and whether those of the data are
 * @param options how large the tasks are, and what the models are told of them
 * @param robustness whether the sentence tasks are scored with other spellings of their test texts too
 * @param space whether the space of the vectors is measured too
 * @param trainedOn files whose texts are looked for in the test parts
 * @param cache where vectors and results are kept, or null for nowhere
 */
public record EvaluationSettings(
        List<String> models,
        Map<String, Path> embeddings,
        boolean causal,
        WordStates.@Nullable Position words,
        boolean baselines,
        @Nullable Path data,
        List<FileTask> files,
        Set<String> tasks,
        HubChoice hub,
        SuiteOptions options,
        boolean robustness,
        boolean space,
        List<Path> trainedOn,
        @Nullable Path cache) {
    public EvaluationSettings {
        models = List.copyOf(models);
        embeddings = new LinkedHashMap<>(embeddings);
        files = List.copyOf(files);
        tasks = Set.copyOf(tasks);
        trainedOn = List.copyOf(trainedOn);
    }
}
