package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.task.Probe;
import io.github.llm2vec4j.evaluation.task.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the tasks of a suite, and why others are not in it. */
final class SuiteBuilder {
    private final String name;
    private final SuiteOptions options;
    private final List<Task> tasks = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();

    SuiteBuilder(String name, SuiteOptions options) {
        this.name = name;
        this.options = options;
    }

    /** Makes the task when all of its parts hold something; else notes which part is empty and where it comes from. */
    void add(String task, String source, Map<String, ? extends Collection<?>> parts, Supplier<Task> make) {
        List<String> empty = parts.entrySet().stream()
                .filter(part -> part.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (empty.isEmpty()) {
            tasks.add(make.get());
        } else {
            skip(task, source + " gives no " + String.join(", no ", empty));
        }
    }

    void skip(String task, String reason) {
        skipped.add(new Skipped(task, reason));
    }

    /** Opens the files a task needs; when one is missing the task is skipped and the answer is empty. */
    List<SourceFile> open(String task, DataFiles files, String... names) {
        List<SourceFile> opened = new ArrayList<>();
        for (String file : names) {
            SourceFile source = SourceFile.read(files, file);
            if (source == null) {
                skip(task, files.locate(file) + " is missing");
                return List.of();
            }
            opened.add(source);
        }
        return opened;
    }

    <T> List<T> train(List<T> items, Function<T, String> text) {
        return Split.sample(items, text, options.maxTrain());
    }

    <T> List<T> test(List<T> items, Function<T, String> text) {
        return Split.sample(items, text, options.maxTest());
    }

    @Nullable
    String instruction(String task) {
        return options.instructions().get(task);
    }

    Set<Probe> probes() {
        return options.probes();
    }

    Suite build() {
        return new Suite(name, tasks, skipped);
    }
}
