package io.github.llm2vec4j.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.llm2vec4j.core.torch.Device;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program. Exit codes: 0 done, 1 failed, 2 what was given cannot be used: options, settings, a model, data. */
@Command(
        name = "llm2vec",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Turns a decoder-only language model into a text encoder.",
        subcommands = {
            RecipeCommand.class,
            TrainCommand.class,
            EncodeCommand.class,
            TagCommand.class,
            EvaluateCommand.class,
            AblationCommand.class,
            ExportCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            PullCommand.class,
            PushCommand.class,
            CacheCommand.class
        },
        footer = {"", "Example:", "  ./llm2vec recipe", "  ./llm2vec COMMAND --help"})
public final class Main implements Runnable {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log more, and show the trace of an error.")
    private boolean verbose;

    @Option(names = "--quiet", scope = ScopeType.INHERIT, description = "Say nothing but warnings and results.")
    private boolean quiet;

    @Option(
            names = "--device",
            scope = ScopeType.INHERIT,
            paramLabel = "DEVICE",
            description = "Where to compute: cpu (default), cuda, or auto: a GPU where one can be used.")
    private @Nullable String device;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

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
        CommandLine line = new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    Level level = main.verbose ? Level.DEBUG : main.quiet ? Level.WARN : Level.INFO;
                    ((Logger) LoggerFactory.getLogger("io.github.llm2vec4j")).setLevel(level);
                    main.chooseDevice(parsed);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> main.failed(failure))
                .setParameterExceptionHandler((wrong, given) -> {
                    System.err.println("llm2vec: " + ErrorLine.of(wrong, given));
                    return 2;
                });
        try {
            return line.execute(args);
        } catch (Error e) { // out of memory, a native library that does not load
            return main.failed(e);
        }
    }

    private void chooseDevice(CommandLine.ParseResult parsed) {
        try {
            if (device == null) {
                Device.current();
            } else {
                Device.use(device);
            }
        } catch (IllegalArgumentException e) {
            CommandLine.ParseResult command = parsed;
            while (command.hasSubcommand()) {
                command = command.subcommand();
            }
            throw new CommandLine.ParameterException(command.commandSpec().commandLine(), e.getMessage(), e);
        }
    }

    private int failed(Throwable failure) {
        System.err.println("llm2vec: " + ErrorLine.of(failure));
        if (verbose) {
            failure.printStackTrace();
        }
        return ErrorLine.exitCode(failure);
    }
}
