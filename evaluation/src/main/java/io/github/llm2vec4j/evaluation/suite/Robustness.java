package io.github.llm2vec4j.evaluation.suite;

import io.github.llm2vec4j.evaluation.metric.Comparison;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.SentenceTask;
import io.github.llm2vec4j.evaluation.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a change of spelling in the test part does to the score of a sentence task; the train part, the corpora and the
 * candidates stay as they are.
 *
 * @param task the task's name
 * @param change what was changed
 * @param changed share of the changeable texts of the test part that are other texts then, from 0 to 1
 * @param before the main score without the change
 * @param after the main score with it
 * @param difference the paired test of after and before, or null where the items are not known
 */
public record Robustness(
        String task,
        HebrewChange change,
        double changed,
        double before,
        double after,
        @Nullable Comparison difference) {

    /**
     * Measures every change on every sentence task; a change that changes no text of a task is left out.
     *
     * @param results the results of the suite as it is
     * @param run scores the tasks of another suite in the same way
     */
    public static List<Robustness> measure(Suite suite, ModelResult results, Function<Suite, ModelResult> run) {
        List<Robustness> all = new ArrayList<>();
        for (HebrewChange change : HebrewChange.values()) {
            Map<String, Double> shares = new LinkedHashMap<>();
            List<Task> tasks = new ArrayList<>();
            for (Task task : suite.tasks()) {
                if (task instanceof SentenceTask sentences) {
                    Counting counting = new Counting(change.on(HebrewChange.wordsOf(task.testTexts())));
                    SentenceTask changed = sentences.withTestTexts(counting);
                    if (counting.changed > 0) {
                        tasks.add(changed);
                        shares.put(task.name(), (double) counting.changed / counting.all);
                    }
                }
            }
            ModelResult after = run.apply(new Suite(suite.name() + ", " + change.title(), tasks, List.of()));
            for (TaskResult result : after.results()) {
                results.results().stream()
                        .filter(before -> before.task().equals(result.task()))
                        .forEach(before -> all.add(new Robustness(
                                result.task(),
                                change,
                                shares.getOrDefault(result.task(), 0.0),
                                before.mainScore(),
                                result.mainScore(),
                                result.against(before))));
            }
        }
        return all;
    }

    private static final class Counting implements UnaryOperator<String> {
        private final UnaryOperator<String> change;
        private int all;
        private int changed;

        Counting(UnaryOperator<String> change) {
            this.change = change;
        }

        @Override
        public String apply(String text) {
            String result = change.apply(text);
            all++;
            changed += result.equals(text) ? 0 : 1;
            return result;
        }
    }

    /** Both scores, what lies between them, and whether that is more than chance may give. */
    public String inWords() {
        return String.format(
                Locale.ROOT,
                "%.4f → %.4f (%+.2f points%s), %.0f%% of the texts changed",
                before,
                after,
                100 * (after - before),
                difference == null ? "" : String.format(Locale.ROOT, ", p = %.3f", difference.p()),
                100 * changed);
    }

    /**
     * A table for the terminal: a line a task and change, {@code !} where the difference is more than chance may give.
     */
    public static String toText(List<Robustness> rows) {
        StringBuilder text = new StringBuilder();
        int width = rows.stream().mapToInt(row -> row.task().length()).max().orElse(4);
        String format = "%-" + width + "s  %-26s  %8s  %8s  %8s  %9s%n";
        text.append(String.format(Locale.ROOT, format, "task", "change", "texts", "before", "after", "points "));
        for (Robustness row : rows) {
            Comparison difference = row.difference();
            text.append(String.format(
                    Locale.ROOT,
                    format,
                    row.task(),
                    row.change().title(),
                    String.format(Locale.ROOT, "%.0f%%", 100 * row.changed()),
                    String.format(Locale.ROOT, "%.4f", row.before()),
                    String.format(Locale.ROOT, "%.4f", row.after()),
                    String.format(Locale.ROOT, "%+.2f", 100 * (row.after() - row.before()))
                            + (difference != null && difference.significant() ? "!" : " ")));
        }
        return text.toString();
    }
}
