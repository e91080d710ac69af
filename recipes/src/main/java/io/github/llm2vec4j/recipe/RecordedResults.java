package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.hub.ModelRecord;
import io.github.llm2vec4j.evaluation.metric.Interval;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.suite.TaskCard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the results of a model into its record and so into its card. */
final class RecordedResults {
    private static final Map<String, TaskCard> CARDS = TaskCard.all();

    private RecordedResults() {}

    /**
     * @param folder that of the model
     * @param row its name among the results
     */
    static void write(Path folder, String row, List<ModelResult> results, Suite suite) throws IOException {
        List<ModelRecord.Result> list = new ArrayList<>();
        for (ModelResult model : results) {
            if (model.model().equals(row)) {
                model.results().forEach(result -> list.add(of(result, suite.name())));
            }
        }
        ModelRecord.writeResults(folder, list);
    }

    private static ModelRecord.Result of(TaskResult result, String dataset) {
        Interval interval = result.interval();
        TaskCard card = CARDS.get(result.task());
        return new ModelRecord.Result(
                result.task(),
                card == null ? "feature-extraction" : card.type(),
                dataset,
                result.mainMetric(),
                result.mainScore(),
                interval == null ? Double.NaN : interval.low(),
                interval == null ? Double.NaN : interval.high());
    }
}
