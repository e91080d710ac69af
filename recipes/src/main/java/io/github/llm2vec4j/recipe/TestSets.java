package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.evaluation.report.ReportTable;
import io.github.llm2vec4j.evaluation.suite.HebrewSuite;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.training.data.TestTexts;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The test parts of tasks, to be looked for in what is trained on. */
public final class TestSets {
    private TestSets() {}

    /**
     * Those of the project's own tasks and of a folder of public data sets.
     *
     * @param folder or null for the project's own alone
     */
    public static TestTexts of(@Nullable Path folder) {
        Map<String, Collection<String>> sets = new LinkedHashMap<>();
        add(sets, RecipeData.embeddedSuite(SuiteOptions.FULL));
        if (folder != null) {
            add(sets, HebrewSuite.folder(folder, SuiteOptions.FULL));
        }
        return new TestTexts(sets);
    }

    static TestTexts of(Suite suite) {
        Map<String, Collection<String>> sets = new LinkedHashMap<>();
        add(sets, suite);
        return new TestTexts(sets);
    }

    private static void add(Map<String, Collection<String>> sets, Suite suite) {
        for (Task task : suite.tasks()) {
            sets.put(task.name(), task.heldOutTexts());
        }
    }

    /** What was found, as a table of the report. */
    static ReportTable table(List<List<String>> rows) {
        return new ReportTable(
                "Test texts in training texts",
                "Test texts whose words stand in a text that was trained on: the same words, or, of a text of 6 words and"
                        + " more, all of them or 13 in a row. Case, points and punctuation do not count.",
                List.of("Training", "Tested on", "Test texts", "Found", "Dropped"),
                rows);
    }
}
