package io.github.llm2vec4j.evaluation.report;

import io.github.llm2vec4j.evaluation.task.Task;
import io.github.llm2vec4j.evaluation.task.WordTagging;

/**
 * A task of the report.
 *
 * @param name as in the results
 * @param label for column heads
 * @param level the group of columns it stands in
 */
public record ReportTask(String name, String label, Level level) {

    /** Named as the task is. */
    public static ReportTask of(Task task) {
        String label = task.name().replace('_', ' ');
        return new ReportTask(task.name(), label, task instanceof WordTagging ? Level.WORD : Level.SENTENCE);
    }
}
