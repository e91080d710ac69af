package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * A figure that others have published for one of the tasks; kept in {@code published.json} among the resources.
 *
 * @param task the task's name here
 * @param metric our name of the figure
 * @param model what was measured
 * @param score from 0 to 1
 * @param source where it stands, and in what its protocol differs
 */
public record Published(String task, String metric, String model, double score, String source) {
    private static final String FILE = "published.json";

    /** The figures for the given tasks. */
    public static List<Published> of(Suite suite) {
        List<String> names = suite.tasks().stream().map(task -> task.name()).toList();
        try (InputStream in = Published.class.getResourceAsStream(FILE)) {
            List<Published> all = new JsonMapper()
                    .readValue(Objects.requireNonNull(in, FILE), new TypeReference<List<Published>>() {});
            return all.stream().filter(figure -> names.contains(figure.task())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + ": " + e.getMessage(), e);
        }
    }
}
