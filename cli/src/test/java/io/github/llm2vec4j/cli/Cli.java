package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the program, in this JVM or in one of its own. */
final class Cli {
    private static final List<String> HEAP = List.of("-Xmx256m");

    private Cli() {}

    /** How a run has ended: its exit code, and the text of standard output and standard error. */
    record Result(int code, String out, String err) {

        /** It was refused for what was given: exit code 2, one line that names the causes, nothing to be piped on. */
        void assertRefused(String... causes) {
            assertThat(err.lines())
                    .as(err)
                    .singleElement()
                    .asString()
                    .startsWith("llm2vec: ")
                    .contains(causes);
            assertThat(err).doesNotContain("Exception", "\tat ");
            assertThat(out).isEmpty();
            assertThat(code).isEqualTo(2);
        }

        Result assertDone() {
            assertThat(code).as(err).isZero();
            return this;
        }
    }

    static Result run(String... args) {
        return run(new byte[0], args);
    }

    /** In this JVM, with these bytes as standard input. */
    static Result run(byte[] input, String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(input));
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Main.execute(args);
            return new Result(code, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** In a JVM of its own, which is ended with the test if it still runs. */
    static Process start(String... args) throws IOException {
        return start(Main.class, HEAP, Map.of(), args);
    }

    /** With these options of the JVM and variables of the environment. */
    private static Process start(Class<?> main, List<String> options, Map<String, String> variables, String... args)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(variables);
        return builder.start();
    }

    /** In a JVM of its own, with this text as standard input. */
    static Result runAlone(String input, String... args) throws Exception {
        return runAlone(HEAP, Map.of(), input, args);
    }

    /** The same, with these options of the JVM. */
    static Result runAlone(List<String> options, String input, String... args) throws Exception {
        return runAlone(options, Map.of(), input, args);
    }

    /** The same, with these variables of the environment. */
    static Result runAlone(Map<String, String> variables, String input, String... args) throws Exception {
        return runAlone(HEAP, variables, input, args);
    }

    /** Many runs in one other JVM, the arguments of each parted by tabs; the output has an exit code a line. */
    static Result runLines(Map<String, String> variables, List<String> lines) throws Exception {
        return end(start(CommandLines.class, HEAP, variables), String.join("\n", lines) + "\n");
    }

    private static Result runAlone(List<String> options, Map<String, String> variables, String input, String... args)
            throws Exception {
        return end(start(Main.class, options, variables, args), input);
    }

    private static Result end(Process process, String input) throws Exception {
        try {
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String out = text(process.getInputStream());
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("has ended").isTrue();
            return new Result(process.exitValue(), out, err.get());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
