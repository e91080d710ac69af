package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.hub.HubClient;
import io.github.llm2vec4j.core.hub.HubId;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.HubSettings;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code push}: a model folder to the hub. */
@Command(
        name = "push",
        mixinStandardHelpOptions = true,
        description = "Uploads a model or adapter folder to the hub in one commit, and prints the commit's address. The"
                + " repository is made where there is none; a model card is written where the folder has none of your"
                + " own."
                + " HF_TOKEN names a token with write access.",
        footer = {"", "Example:", "  ./llm2vec push exported OWNER/NAME --private"})
final class PushCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Parameters(index = "0", paramLabel = "DIR", description = "A model or adapter folder.")
    private Path folder = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "OWNER/NAME, or OWNER/NAME@BRANCH of one that is there.")
    private String id = "";

    @Option(names = "--private", description = "For your eyes alone, where the repository is new.")
    private boolean hidden;

    @Override
    public Integer call() {
        HubId parsed = HubId.parse(id);
        if (parsed.kind() != HubId.Kind.MODEL) {
            throw new ConfigException(id + ": only models are uploaded: expected OWNER/NAME");
        }
        HubProgress progress = main != null && main.quiet() ? HubProgress.NONE : new TransferProgress(System.err);
        System.out.println(new HubClient(HubSettings.fromEnvironment(), progress).push(folder, parsed, hidden));
        return 0;
    }
}
