package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.hub.HubClient;
import io.github.llm2vec4j.core.hub.HubId;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.training.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code pull}: a model or a data set from the hub. */
@Command(
        name = "pull",
        mixinStandardHelpOptions = true,
        description = "Fetches a model or a data set from the hub into the cache that the Python package"
                + " huggingface_hub uses too, and prints the folder. What is there is not fetched again.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec pull dicta-il/dictalm2.0",
            "  ./llm2vec pull datasets/OWNER/NAME --revision v1.0",
            "  ./llm2vec pull OWNER/NAME --include '*Q8_0.gguf'"
        })
final class PullCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Parameters(
            index = "0",
            paramLabel = "ID",
            description = "OWNER/NAME or OWNER/NAME@REVISION, with datasets/ before it for a data set.")
    private String id = "";

    @Option(names = "--revision", paramLabel = "R", description = "A branch, a tag or a commit (default: main).")
    private @Nullable String revision;

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description = "Fetch these files instead of those that llm2vec reads; may be given several times.")
    private List<String> patterns = new ArrayList<>();

    @Override
    public Integer call() {
        HubId parsed = HubId.parse(id);
        if (revision != null) {
            if (id.contains("@")) {
                throw new ConfigException("--revision " + revision + ": " + id + " says its revision already");
            }
            parsed = parsed.at(revision);
        }
        HubProgress progress = main != null && main.quiet() ? HubProgress.NONE : new TransferProgress(System.err);
        HubClient client = new HubClient(HubSettings.fromEnvironment(), progress);
        System.out.println(patterns.isEmpty() ? client.pull(parsed) : client.pull(parsed, patterns));
        return 0;
    }
}
