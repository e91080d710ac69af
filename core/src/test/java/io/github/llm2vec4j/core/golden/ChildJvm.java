package io.github.llm2vec4j.core.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A class with a main method in a JVM of its own, without what the launcher or the build sets for it. */
public final class ChildJvm {
    private static final List<String> VARIABLES = List.of(
            "OPENBLAS_NUM_THREADS",
            "OMP_NUM_THREADS",
            "OMP_WAIT_POLICY",
            "MALLOC_ARENA_MAX",
            "LLM2VEC_CACHE",
            "XDG_CACHE_HOME",
            "OPT_OUT_TRACKING",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS");

    private ChildJvm() {}

    /**
     * How a run has ended.
     *
     * @param output standard output and standard error
     */
    public record Result(int code, String output) {

        /** What stands after {@code key: } in the output. */
        public String value(String key) {
            return output.lines()
                    .filter(line -> line.startsWith(key + ": "))
                    .map(line -> line.substring(key.length() + 2))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no '" + key + "' in " + output));
        }
    }

    /** Runs a class, which has to end with exit code 0. */
    public static Result run(List<String> flags, Map<String, String> variables, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        Result result = runToAnyEnd(flags, variables, main, arguments);
        assertThat(result.code).as(result.output).isZero();
        return result;
    }

    /** The same, whatever its exit code. */
    public static Result runToAnyEnd(
            List<String> flags, Map<String, String> variables, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        VARIABLES.forEach(builder.environment()::remove);
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output.replace("\r", ""));
        } finally {
            process.destroyForcibly();
        }
    }
}
