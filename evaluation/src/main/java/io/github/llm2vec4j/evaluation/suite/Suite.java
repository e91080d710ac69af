package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import io.github.llm2vec4j.evaluation.baseline.MostFrequentTag;
import io.github.llm2vec4j.evaluation.baseline.TfIdf;
import io.github.llm2vec4j.evaluation.cache.ResultCache;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.probe.LinearProbe;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.probe.WordTagger;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.SentenceTask;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Tasks that are run together.
 *
 * @param name the suite's name
 * @param tasks of different names, word tasks first
 * @param skipped tasks that could not be made, and why; to be shown with every result
 */
public record Suite(String name, List<Task> tasks, List<Skipped> skipped) {
    private static final String BASELINES = new TfIdf().name() + " / " + new MostFrequentTag().name();

    public Suite {
        tasks = List.copyOf(tasks);
        skipped = List.copyOf(skipped);
        Set<String> names = new HashSet<>();
        for (Task task : tasks) {
            if (!names.add(task.name())) {
                throw new IllegalArgumentException(
                        "suite " + name + ": expected tasks of different names, found two " + task.name());
            }
        }
    }

    /**
     * The suite with only the named tasks.
     *
     * @throws IllegalArgumentException for a name that is not one of its tasks
     */
    public Suite only(Collection<String> names) {
        List<String> known = tasks.stream().map(Task::name).toList();
        for (String wanted : names) {
            if (!known.contains(wanted)) {
                throw new IllegalArgumentException("suite " + name + ": expected a task of " + known + ", found "
                        + wanted
                        + skipped.stream()
                                .filter(s -> s.name().equals(wanted))
                                .map(s -> " (skipped: " + s.reason() + ")")
                                .findFirst()
                                .orElse(""));
            }
        }
        return new Suite(
                name, tasks.stream().filter(t -> names.contains(t.name())).toList(), skipped);
    }

    /**
     * Runs all tasks on an encoder.
     *
     * @param model the name of the row in tables
     * @param listener told of each result when it is there
     */
    public ModelResult run(String model, TextEncoder texts, WordEncoder words, Consumer<TaskResult> listener) {
        return run(model, new EncoderFeatures(texts), new LinearProbe(words), listener);
    }

    /** Runs all tasks on the baselines: bag of words for sentences, the most frequent tag for words. */
    public ModelResult runBaselines(Consumer<TaskResult> listener) {
        return run(BASELINES, new TfIdf(), new MostFrequentTag(), listener);
    }

    /** Runs all tasks on the baselines, but those whose results are kept. */
    public ModelResult runBaselines(ResultCache kept, Consumer<TaskResult> listener) {
        return run(BASELINES, task -> kept.result(task, () -> run(task, new TfIdf(), new MostFrequentTag())), listener);
    }

    /** Runs all tasks on anything that gives rows for texts and tags for words. */
    public ModelResult run(String model, TextFeatures texts, WordTagger words, Consumer<TaskResult> listener) {
        return run(model, task -> run(task, texts, words), listener);
    }

    private static TaskResult run(Task task, TextFeatures texts, WordTagger words) {
        return task instanceof WordTagging tagging ? tagging.run(words) : ((SentenceTask) task).run(texts);
    }

    /** Runs all tasks on an encoder, but those whose results are kept. */
    public ModelResult run(
            String model, TextEncoder texts, WordEncoder words, ResultCache kept, Consumer<TaskResult> listener) {
        return run(
                model,
                task -> kept.result(task, () -> run(task, new EncoderFeatures(texts), new LinearProbe(words)))
                        .named(texts.name()),
                listener);
    }

    /** The suite without the tasks on words. */
    public Suite withoutWords() {
        List<Skipped> all = new ArrayList<>(skipped);
        tasks.stream()
                .filter(WordTagging.class::isInstance)
                .forEach(task -> all.add(new Skipped(task.name(), "needs vectors of words")));
        return new Suite(
                name,
                tasks.stream().filter(task -> !(task instanceof WordTagging)).toList(),
                all);
    }

    private ModelResult run(String model, Function<Task, TaskResult> run, Consumer<TaskResult> listener) {
        List<TaskResult> results = new ArrayList<>();
        for (Task task : tasks) {
            TaskResult result = run.apply(task);
            results.add(result);
            listener.accept(result);
        }
        return new ModelResult(model, results);
    }
}
