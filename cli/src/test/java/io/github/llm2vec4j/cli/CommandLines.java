package io.github.llm2vec4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * Many runs in one JVM, for tests that need variables of the environment: a command line a line of standard input, its
 * arguments parted by tabs, to an exit code a line of standard output. What the runs print goes to standard error.
 */
final class CommandLines {
    private CommandLines() {}

    public static void main(String[] args) throws IOException {
        java.io.PrintStream codes = System.out;
        System.setOut(System.err);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                codes.println(Main.execute(line.split("\t")));
            }
        }
    }
}
