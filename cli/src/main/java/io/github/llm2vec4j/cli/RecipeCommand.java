package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.benchmark.MatrixProducts;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.recipe.Machine;
import io.github.llm2vec4j.recipe.Recipe;
import io.github.llm2vec4j.recipe.RecipeExplanation;
import io.github.llm2vec4j.recipe.RecipeListener;
import io.github.llm2vec4j.recipe.RecipeRun;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code recipe}: the main job. */
@Command(
        name = "recipe",
        mixinStandardHelpOptions = true,
        description = "From a decoder to three encoders (mntp, mntp-unsup-simcse, mntp-supervised), each evaluated, and"
                + " a report. Started again, it goes on where it was.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec recipe --out runs/mini --set mntp.max_steps=100",
            "  ./llm2vec recipe --out runs/mini --search mask_probability=0.2,0.4,0.6,0.8",
            "  ./llm2vec recipe dictalm2.0 --explain"
        })
final class RecipeCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME|FILE",
            defaultValue = "hebrew-mini",
            description = "A recipe of the project or a file (default: ${DEFAULT-VALUE}).")
    private String recipe = "hebrew-mini";

    @Option(names = "--out", paramLabel = "DIR", description = "Where to write (default: runs/NAME).")
    private @Nullable Path out;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "A folder of public Hebrew data sets to train and test on instead of the project's own text.")
    private @Nullable Path data;

    @Option(names = "--only", split = ",", paramLabel = "STEP", description = "Do these steps alone.")
    private Set<String> only = new LinkedHashSet<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Change a setting: of one step (mntp.learning_rate=1e-4) or of all.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--search",
            paramLabel = "KEY=V1,V2,…",
            description =
                    "Try each value of a setting in a short training and take the best, by a score on words and one"
                            + " on sentences. KEY is that of stage mntp, such as mask_probability, or STEP.KEY.")
    private List<String> search = new ArrayList<>();

    @Option(
            names = "--search-steps",
            paramLabel = "N",
            description = "Steps of each short training (default: a quarter of the step's).")
    private @Nullable Integer searchSteps;

    @Option(
            names = "--explain",
            description = "Say what would be done, with a plan for each size of memory, and download nothing.")
    private boolean explain;

    @Option(names = "--json", description = "With --explain: as JSON.")
    private boolean json;

    @Option(
            names = "--gflops",
            paramLabel = "N",
            description =
                    "With --explain: the speed of the CPU, in 10⁹ multiplications and additions a second, in place of"
                            + " a measurement.")
    private @Nullable Double gflops;

    @Option(
            names = "--memory",
            paramLabel = "GB",
            description = "Plan the steps for so much memory (default: all of the machine; 24 for a GPU).")
    private @Nullable Double memory;

    @Override
    public Integer call() throws Exception {
        if (searchSteps != null && searchSteps < 1) {
            throw new ConfigException("--search-steps " + searchSteps + ": expected at least 1");
        }
        if (memory != null && !(memory > 0)) {
            throw new ConfigException("--memory " + memory + ": expected a number of GB above 0");
        }
        Recipe chosen = Recipe.load(recipe);
        for (String assignment : settings) {
            chosen = chosen.with(assignment);
        }
        if (explain) {
            RecipeExplanation explanation = new RecipeExplanation(chosen, machines());
            System.out.println(json ? explanation.json().toPrettyString() : String.join("\n", explanation.lines()));
            return 0;
        }
        if (json || gflops != null) {
            throw new ConfigException((json ? "--json" : "--gflops") + ": goes with --explain");
        }
        Path folder = out != null ? out : Path.of("runs", chosen.name());
        boolean quiet = main != null && main.quiet();
        RecipeListener listener = quiet ? new RecipeListener() {} : new ConsoleListener();
        RecipeRun run = new RecipeRun(chosen, folder, data, only, search, searchSteps, Machine.host(memory), listener);
        List<ModelResult> results;
        try (StopOnSignal stop = new StopOnSignal(run::requestStop)) {
            results = run.run();
        }
        if (results != null) {
            System.out.print(ResultTable.ofMainMetrics(results).toText());
            System.out.println("report: " + folder.resolve("report.html"));
        }
        return 0;
    }

    private List<Machine> machines() {
        Double given = gflops;
        if (given != null && !(given > 0)) {
            throw new ConfigException("--gflops " + given + ": expected a number above 0");
        }
        if (given != null) {
            Machine.WeightForm form = Machine.WeightForm.of(ComputeType.fastest(), given * 1e9);
            return Machine.standard(memory, form, Machine.WeightForm.of(DType.BF16, given * 1e9), "--gflops " + given);
        }
        return Machine.standard(
                memory,
                measured(ComputeType.fastest()),
                measured(DType.BF16),
                "matrix products on this machine just now: a run is slower than these alone");
    }

    private static Machine.WeightForm measured(DType type) {
        return Machine.WeightForm.of(type, MatrixProducts.gigaflops(type) * 1e9);
    }
}
