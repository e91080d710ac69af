package io.github.llm2vec4j.core.tokenizer;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Uses every tokenizer in a folder in a JVM of its own; prints what {@link CraftedTokenizerTest} reads. */
final class CraftedTokenizers {
    private static final List<String> TEXTS = Stream.concat(
                    Stream.of("", "<s> a  <s>", "a".repeat(32) + "b", "אבג \u0000 \ud800"),
                    Stream.of("a", " ", "א", "\n", "1", ".", "\u05b0", "a'", "aA", " \n")
                            .map(part -> part.repeat(20_000 / part.length()) + "b"))
            .toList();

    private CraftedTokenizers() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<Path> folders;
        try (Stream<Path> list = Files.list(Path.of(arguments[0]))) {
            folders = list.sorted().toList();
        }
        for (Path folder : folders) {
            out.println(folder.getFileName() + "\t" + use(folder));
        }
        out.println("end");
    }

    private static String use(Path folder) {
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            for (String text : TEXTS) {
                tokenizer.decode(tokenizer.encode(text, true).ids(), true);
            }
            return "used";
        } catch (RuntimeException e) {
            return e.getClass().getSimpleName() + " " + e.getMessage();
        }
    }
}
