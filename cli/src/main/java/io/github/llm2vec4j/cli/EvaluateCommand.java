package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.recipe.ModelEvaluation;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code evaluate}: the scores of one model. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Scores a model on the Hebrew tasks.",
        footer = {"", "Example:", "  ./llm2vec evaluate --model runs/hebrew-mini/mntp-supervised"})
final class EvaluateCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "A model or adapter folder, or embedded:hebrew-mini.")
    private String model = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "A folder of public Hebrew data sets (default: the project's own text).")
    private @Nullable Path data;

    @Option(names = "--task", paramLabel = "NAME", description = "Only this task; may be given several times.")
    private Set<String> tasks = new LinkedHashSet<>();

    @Option(names = "--causal", description = "Attend as the decoder did, to earlier tokens alone.")
    private boolean causal;

    @Option(names = "--out", paramLabel = "DIR", description = "Also write results.json here.")
    private @Nullable Path out;

    @Override
    public Integer call() throws Exception {
        if (out != null) {
            OutputPath.checkFolder("--out", out);
        }
        ModelResult result = ModelEvaluation.run(model, causal, data, tasks);
        System.out.print(ResultTable.ofAllMetrics(List.of(result)).toText());
        if (out != null) {
            ObjectNode json = new JsonMapper().createObjectNode().put("model", model);
            result.results().forEach(task -> json.withArray("results").add(task.toJson(0)));
            AtomicFiles.writeString(out.resolve("results.json"), json.toPrettyString() + "\n");
        }
        return 0;
    }
}
