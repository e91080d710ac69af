package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.hub.HubCache;
import io.github.llm2vec4j.core.hub.HubId;
import io.github.llm2vec4j.core.hub.HubProgress;
import io.github.llm2vec4j.core.hub.HubSettings;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code cache}: what was fetched from the hub. */
@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        description = "Shows and checks what was fetched from the hub.",
        subcommands = {CacheCommand.Show.class, CacheCommand.Verify.class},
        footer = {"", "Example:", "  ./llm2vec cache list"})
final class CacheCommand implements Runnable {
    @ParentCommand
    private @Nullable Main main;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "say what to do: list or verify");
    }

    private boolean quiet() {
        return main != null && main.quiet();
    }

    /** {@code cache list}: a line a snapshot. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Prints a line for each snapshot: its repository, its branches and tags or else its commit, its"
                            + " files, their size, and its folder.",
            footer = {"", "Example:", "  ./llm2vec cache list --json"})
    static final class Show implements Callable<Integer> {
        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            List<HubCache.Entry> entries = new HubCache(HubSettings.fromEnvironment()).list();
            if (json) {
                System.out.println(json(entries).toPrettyString());
                return 0;
            }
            int width = entries.stream()
                    .mapToInt(entry -> entry.id().length())
                    .max()
                    .orElse(0);
            for (HubCache.Entry entry : entries) {
                System.out.printf(
                        "%-" + Math.max(1, width) + "s  %-12s  %4d files  %9s  %s%n",
                        entry.id(),
                        entry.refs().isEmpty()
                                ? entry.commit().replaceFirst("(?<=.{12}).*", "")
                                : String.join(",", entry.refs()),
                        entry.files(),
                        HubProgress.size(entry.bytes()),
                        entry.folder());
            }
            return 0;
        }

        private static ArrayNode json(List<HubCache.Entry> entries) {
            ArrayNode list = new JsonMapper().createArrayNode();
            for (HubCache.Entry entry : entries) {
                ObjectNode node = list.addObject();
                node.put("id", entry.id());
                node.put("commit", entry.commit());
                entry.refs().forEach(node.putArray("refs")::add);
                node.put("files", entry.files());
                node.put("bytes", entry.bytes());
                node.put("folder", entry.folder().toString());
            }
            return list;
        }
    }

    /** {@code cache verify}: the checksums of all contents. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Computes the checksum of everything in the cache, and prints a line for each file that is"
                    + " damaged; then the exit code is 1.",
            footer = {"", "Example:", "  ./llm2vec cache verify dicta-il/dictalm2.0"})
    static final class Verify implements Callable<Integer> {
        @ParentCommand
        private @Nullable CacheCommand parent;

        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "ID",
                description = "A model or a data set (default: all).")
        private @Nullable String id;

        @Override
        public Integer call() {
            boolean quiet = parent != null && parent.quiet();
            HubCache.Verification found = new HubCache(HubSettings.fromEnvironment())
                    .verify(id == null ? "" : HubId.parse(id).path(), repo -> {
                        if (!quiet) {
                            System.err.println("checking " + repo);
                        }
                    });
            found.damaged().forEach(System.out::println);
            if (!quiet) {
                System.err.printf(
                        "%d contents checked, %d problems%n",
                        found.checked(), found.damaged().size());
            }
            return found.damaged().isEmpty() ? 0 : 1;
        }
    }
}
