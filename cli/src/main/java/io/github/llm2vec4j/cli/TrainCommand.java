package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.recipe.TestSets;
import io.github.llm2vec4j.recipe.TrainReport;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.TrainingListener;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code train}: one stage. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains one stage from a configuration file with the reference's keys.",
        footer = {"", "Example:", "  ./llm2vec train mntp mntp.json --set train_file=text.txt --resume"})
final class TrainCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Parameters(index = "0", paramLabel = "STAGE", description = "clm, mntp, simcse, supervised or word.")
    private String stage = "";

    @Parameters(index = "1", paramLabel = "CONFIG", description = "A JSON file.")
    private Path config = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Change a setting.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--resume", description = "Go on from the last checkpoint in output_dir.")
    private boolean resume;

    @Option(
            names = "--explain",
            description = "Print the settings and where each comes from, the size of the data, the steps, the learning"
                    + " rates and an estimate of the memory, and stop; nothing is written.")
    private boolean explain;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "A folder of public Hebrew data sets, as of evaluate. Training texts that hold a text of its test"
                            + " parts, or of those of the project's own tasks, are counted; drop_test_texts=true drops them.")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        StageConfig chosen = changed(StageConfig.read(config), settings);
        StageKind kind = StageKind.of(stage);
        TestTexts tests = TestSets.of(data);
        if (explain) {
            new Stage(kind, chosen, List.of(), tests).explain().forEach(System.out::println);
            return 0;
        }
        TrainReport report = new TrainReport(kind, chosen, "./llm2vec train " + kind + " " + config + " --resume");
        List<TrainingListener> listeners = new ArrayList<>(List.of(report.listener()));
        if (main == null || !main.quiet()) {
            listeners.add(new ConsoleProgress(stage, System.err));
        }
        Stage run = new Stage(kind, chosen, listeners, tests);
        try (StopOnSignal stop = new StopOnSignal(run::requestStop)) {
            if (run.run(resume)) {
                report.complete();
            } else {
                report.stopped("Stopped as asked; --resume goes on.");
            }
        } catch (IOException | RuntimeException e) {
            report.stopped("Failed: " + e.getMessage());
            throw e;
        }
        return 0;
    }

    /** Settings with some of them changed, each by {@code key=value}. */
    static StageConfig changed(StageConfig config, List<String> assignments) {
        StageConfig changed = config;
        for (String assignment : assignments) {
            String[] parts = assignment.split("=", 2);
            if (parts.length != 2) {
                throw new ConfigException("--set " + assignment + ": expected key=value");
            }
            changed = changed.with(parts[0], parts[1]);
        }
        return changed;
    }
}
