package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.hub.HubException;
import io.github.llm2vec4j.evaluation.suite.MalformedDataException;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.BadDataException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** What the program says of a failure: one line, and an exit code. */
final class ErrorLine {
    private ErrorLine() {}

    /** 2 if what was given cannot be used (options, settings, a model, data), 1 if the work failed. */
    static int exitCode(Throwable failure) {
        boolean given = failure instanceof ConfigException
                || failure instanceof BadDataException
                || failure instanceof BadCheckpointException
                || failure instanceof MalformedDataException
                || failure instanceof IllegalArgumentException
                || (failure instanceof HubException refused && refused.isOfWhatWasGiven());
        return given ? 2 : 1;
    }

    /** Whatever failed, in one line. */
    static String of(Throwable failure) {
        String text = failure.getMessage();
        boolean unplanned = failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || failure instanceof Error;
        if (failure instanceof FileSystemException io) {
            text = io.getFile() + ": cannot be read or written: " + reason(io);
        } else if (text == null || text.isBlank() || unplanned) {
            text = failure.getClass().getSimpleName() + (text == null ? "" : ": " + text)
                    + "; run again with --verbose for the trace";
        }
        return oneLine(text);
    }

    private static String reason(FileSystemException failure) {
        String said = failure.getReason();
        String type = failure.getClass()
                .getSimpleName()
                .replaceFirst("Exception$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        return said == null ? type.toLowerCase(java.util.Locale.ROOT) : said;
    }

    /** Without the line ends, Jackson's note that it hides the source, and libtorch's native trace. */
    private static String oneLine(String text) {
        return text.replaceFirst("(?s)\\s*Exception raised from .*", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(" "))
                .replaceAll("\\[Source: [^\\]]*?line: (\\d+), column: (\\d+)\\]", "line $1 column $2");
    }

    /** What is wrong with a command line, and where its help is. */
    static String of(CommandLine.ParameterException wrong, String[] given) {
        CommandLine command = wrong.getCommandLine();
        String text = wrong.getMessage();
        if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched) {
            text = unmatched(command, unmatched.getUnmatched());
        } else if (wrong instanceof CommandLine.MissingParameterException) {
            // A name that is misspelt makes another one missing: say what is the cause.
            for (String argument : given) {
                String name = argument.replaceFirst("=.*", "");
                if (name.startsWith("--")
                        && !command.getCommandSpec().optionsMap().containsKey(name)) {
                    text = unmatched(command, List.of(name));
                    break;
                }
            }
        }
        return oneLine(text) + " (see " + command.getCommandSpec().qualifiedName(" ") + " --help)";
    }

    private static String unmatched(CommandLine command, List<String> arguments) {
        String first = arguments.get(0);
        if (first.startsWith("-")) {
            List<String> near = new CommandLine.UnmatchedArgumentException(command, List.of(first)).getSuggestions();
            return "unknown option '" + first + "'" + (near.isEmpty() ? "" : "; did you mean " + near.get(0) + "?");
        }
        if (!command.getSubcommands().isEmpty()) {
            return "unknown command '" + first + "'; expected one of "
                    + String.join(", ", command.getSubcommands().keySet());
        }
        return "one argument too many: '" + first + "'";
    }
}
