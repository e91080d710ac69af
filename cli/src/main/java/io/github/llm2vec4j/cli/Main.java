package io.github.llm2vec4j.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.llm2vec4j.training.ConfigException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program. Exit codes: 0 done, 1 failed, 2 wrong usage or settings. */
@Command(
        name = "llm2vec",
        mixinStandardHelpOptions = true,
        version = "llm2vec4j 0.1.0-SNAPSHOT",
        description = "Turns a decoder-only language model into a text encoder.",
        subcommands = {
            RecipeCommand.class,
            TrainCommand.class,
            EncodeCommand.class,
            EvaluateCommand.class,
            BenchCommand.class
        },
        footer = {"", "Example:", "  ./llm2vec recipe", "  ./llm2vec COMMAND --help"})
public final class Main implements Runnable {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log more, and show the trace of an error.")
    private boolean verbose;

    @Option(names = "--quiet", scope = ScopeType.INHERIT, description = "Say nothing but warnings and results.")
    private boolean quiet;

    @picocli.CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing");
    }

    boolean quiet() {
        return quiet;
    }

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        Main main = new Main();
        return new CommandLine(main)
                .setExecutionStrategy(parsed -> {
                    Level level = main.verbose ? Level.DEBUG : main.quiet ? Level.WARN : Level.INFO;
                    ((Logger) LoggerFactory.getLogger("io.github.llm2vec4j")).setLevel(level);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("llm2vec: " + message(failure));
                    if (main.verbose) {
                        failure.printStackTrace(command.getErr());
                    }
                    return failure instanceof ConfigException ? 2 : 1;
                })
                .setParameterExceptionHandler((wrong, given) -> {
                    CommandLine command = wrong.getCommandLine();
                    command.getErr()
                            .println("llm2vec: " + wrong.getMessage() + " (see llm2vec "
                                    + command.getCommandSpec()
                                            .qualifiedName(" ")
                                            .replaceFirst("^llm2vec ?", "")
                                    + " --help)");
                    return 2;
                })
                .execute(args);
    }

    /** One line, whatever failed. */
    private static String message(Exception failure) {
        String text = failure.getMessage();
        if (failure instanceof java.nio.file.FileSystemException io) {
            text = io.getFile() + ": cannot be read or written: "
                    + io.getClass().getSimpleName();
        } else if (text == null || text.isBlank() || failure instanceof NullPointerException) {
            text = failure.getClass().getSimpleName() + (text == null ? "" : ": " + text)
                    + "; run again with --verbose for the trace";
        }
        return text.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse(text);
    }
}
