package io.github.llm2vec4j.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A JVM with this one's class path and settings, which a test may kill. */
final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final StringBuilder heard = new StringBuilder();

    private ChildProcess(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = new BufferedReader(process.inputReader(StandardCharsets.UTF_8));
    }

    static ChildProcess start(Class<?> main, String... arguments) throws IOException {
        return new ChildProcess(command(main, arguments));
    }

    /** One that can write no file longer than so many blocks of 1024 bytes, as if the disk were full there. */
    static ChildProcess startWithFileLimit(int blocks, Class<?> main, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("bash", "-c", "ulimit -f " + blocks + " && exec \"$@\"", "bash"));
        command.addAll(command(main, arguments));
        return new ChildProcess(command);
    }

    private static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        command.addAll(List.of("-Dstdout.encoding=UTF-8", "-cp", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /** The next line it prints; null at the end. */
    @Nullable
    String readLine() throws IOException {
        String line = output.readLine();
        if (line != null) {
            heard.append(line).append('\n');
        }
        return line;
    }

    /** Reads until a line that begins so; false if there is none. */
    boolean await(String beginning) throws IOException {
        for (String line = readLine(); line != null; line = readLine()) {
            if (line.startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    /** Ends it as {@code kill -9} does; returns whether it was still running. */
    boolean kill() throws InterruptedException {
        process.destroyForcibly();
        return exitCode() != 0;
    }

    /** Waits for its end; what it printed is read to the end. */
    int finish() throws IOException, InterruptedException {
        String line;
        do {
            line = readLine();
        } while (line != null);
        return exitCode();
    }

    private int exitCode() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the child process does not end: " + heard);
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    /** All that was read so far. */
    String heard() {
        return heard.toString();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
