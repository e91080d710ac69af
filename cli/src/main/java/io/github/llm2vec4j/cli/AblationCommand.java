package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.report.AblationReport;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.recipe.AblationRun;
import io.github.llm2vec4j.recipe.AblationSettings;
import io.github.llm2vec4j.recipe.Recipe;
import io.github.llm2vec4j.recipe.RecipeListener;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ablation}: what each part of the method adds. */
@Command(
        name = "ablation",
        mixinStandardHelpOptions = true,
        description =
                "Compares attention × training × pooling × layer on one decoder, and shows what attention to later"
                        + " tokens does to it. Trains the variants that a run lacks: SimCSE alone, causal and bidirectional."
                        + " Started again, it goes on where it was.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec ablation runs/hebrew-mini --layers all --pooling mean,weighted_mean,eos_token,max",
            "  ./llm2vec ablation --model runs/a/mntp --model runs/b/mntp --task pos --out ablation"
        })
final class AblationCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "RUN",
            description = "The folder of a finished run of a recipe (default: runs/NAME of the recipe).")
    private @Nullable Path run;

    @Option(
            names = "--recipe",
            paramLabel = "NAME|FILE",
            defaultValue = "hebrew-mini",
            description = "The recipe of the run; its settings train what is missing (default: ${DEFAULT-VALUE}).")
    private String recipe = "hebrew-mini";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the recipe that the run was made with, or with which to train what is missing.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "Compare these models and their decoder instead; nothing is trained. May be given several times.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The folder of public Hebrew data sets that the run was made with, or that models are scored on.")
    private @Nullable Path data;

    @Option(
            names = "--layers",
            paramLabel = "WHICH",
            defaultValue = "few",
            description = "few (the thirds of the depth, default), all, or numbers with commas; 0 is the embeddings.")
    private String layers = "few";

    @Option(
            names = "--pooling",
            paramLabel = "MODE",
            defaultValue = "mean,weighted_mean,eos_token",
            description =
                    "Poolings with commas; at the first the other factors are compared (default: ${DEFAULT-VALUE}).")
    private String pooling = "mean,weighted_mean,eos_token";

    @Option(
            names = "--words",
            paramLabel = "WHERE",
            defaultValue = "same_token",
            description = "Where a word's state is read: same_token (default) or previous_token.")
    private WordStates.Position words = WordStates.Position.SAME_TOKEN;

    @Option(names = "--task", paramLabel = "NAME", description = "Only this task; may be given several times.")
    private Set<String> tasks = new LinkedHashSet<>();

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where vectors and results are kept (default: llm2vec4j/evaluation in the user's cache).")
    private @Nullable Path cache;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where ablation.html and ablation.json are written (default: ablation in the run's folder).")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print what ablation.json holds instead of the table.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (run != null && !models.isEmpty()) {
            throw new ConfigException("ablation: give the folder of a run or models with --model, not both");
        }
        Recipe chosen = Recipe.load(recipe);
        for (String assignment : settings) {
            chosen = chosen.with(assignment);
        }
        Path folder = !models.isEmpty() ? null : run != null ? run : Path.of("runs", chosen.name());
        Path target = out != null ? out : folder != null ? folder.resolve("ablation") : null;
        if (target != null) {
            OutputPath.checkFolder("--out", target);
        }
        boolean quiet = main != null && main.quiet();
        AblationRun ablation = new AblationRun(
                new AblationSettings(
                        chosen,
                        folder,
                        models,
                        data,
                        layers,
                        poolings(),
                        words,
                        tasks,
                        cache != null ? cache : EvaluateCommand.defaultCache()),
                quiet ? new RecipeListener() {} : new ConsoleListener());
        AblationReport report;
        try (StopOnSignal stop = new StopOnSignal(ablation::requestStop)) {
            report = ablation.run(EvaluateCommand.given(spec));
        }
        if (report == null) {
            return 0;
        }
        if (json) {
            System.out.println(report.toJson().toPrettyString());
        } else {
            System.out.print(report.table().toTextByModel());
            System.out.println(ResultTable.LEGEND);
            report.attention().forEach(map -> System.out.println(map.inWords()));
            report.prefixScores().forEach(scores -> System.out.println(scores.inWords()));
        }
        if (target != null) {
            report.write(target);
            if (!json) {
                System.out.println("report: " + target.resolve(AblationReport.HTML_FILE));
            }
        }
        return 0;
    }

    private Set<Pooling> poolings() {
        Set<Pooling> modes = new LinkedHashSet<>();
        for (String name : pooling.split(",")) {
            modes.add(Pooling.of(name.strip()));
        }
        return modes;
    }
}
