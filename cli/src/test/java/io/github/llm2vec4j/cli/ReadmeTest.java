package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in README.md is what a reader can type. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");

    @TempDir
    Path folder;

    @Test
    void theSnippetOfTheLibraryCompilesAndRuns() throws Exception {
        List<String> snippets = JAVA.matcher(Files.readString(Path.of("../README.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(snippets).hasSize(1);
        String snippet = snippets.get(0);
        Path source = Files.writeString(
                folder.resolve("Snippet.java"), """
                import io.github.llm2vec4j.core.encoder.*;
                import java.util.List;

                public class Snippet {
                    public static float[][] run() {
                %s        return new float[][] {passages[0], passages[1], query};
                    }
                    }
                }
                """.formatted(snippet.substring(0, snippet.lastIndexOf('}'))));
        compile(source);

        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            float[][] vectors =
                    (float[][]) loader.loadClass("Snippet").getMethod("run").invoke(null);
            assertThat(vectors).hasDimensions(3, vectors[0].length);
            assertThat(vectors[0]).isNotEqualTo(vectors[1]).isNotEqualTo(vectors[2]);
        }
    }

    private void compile(Path source) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            complaints,
                            files,
                            null,
                            List.of(
                                    "-encoding",
                                    "UTF-8",
                                    "-d",
                                    folder.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as(complaints.toString()).isTrue();
        }
    }
}
