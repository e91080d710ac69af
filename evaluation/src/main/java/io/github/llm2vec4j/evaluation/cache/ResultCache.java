package io.github.llm2vec4j.evaluation.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Results of one model on disk, found again by all that a task is: its data, its instruction and its settings. */
public final class ResultCache {
    /** Goes up when a task is scored in another way. */
    private static final int VERSION = 1;

    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;

    /** Results are kept in this folder, which need not be there yet. */
    public ResultCache(Path folder) {
        this.folder = folder;
    }

    /** The result that is kept for a task, or that of {@code run}, which is then kept. */
    public TaskResult result(Task task, Supplier<TaskResult> run) {
        Path file = folder.resolve(
                task.name() + "-" + Sha256.ofText(VERSION + task.toString()).substring(0, 24) + ".json");
        try {
            TaskResult kept = read(file);
            if (kept != null) {
                return kept;
            }
            TaskResult result = run.get();
            Files.createDirectories(folder);
            AtomicFiles.writeString(file, JSON.writeValueAsString(result));
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the cache cannot be used: " + e.getMessage(), e);
        }
    }

    /** A file that is not a result counts as none. */
    private static @Nullable TaskResult read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            return JSON.readValue(file.toFile(), TaskResult.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
