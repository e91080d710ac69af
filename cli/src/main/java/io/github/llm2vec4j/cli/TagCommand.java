package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.encoder.Tagger;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.TextFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tag}: from sentences to a tag for each word. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        description = "Names the words of sentences with a tagger that 'train word' has made.",
        footer = {"", "Example:", "  ./llm2vec tag --model runs/ner --in sentences.txt --out tags.tsv"})
final class TagCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The folder of the tagger.")
    private String model = "";

    @Option(
            names = "--in",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "Sentences, one a line, their words parted by spaces; - reads standard input (default).")
    private String in = "-";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "A word, a tab and its tag a line, a blank line after each sentence (default: standard"
                    + " output).")
    private @Nullable Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bfloat16 or auto, the fastest here (default).")
    private String dtype = "auto";

    @Override
    public Integer call() throws Exception {
        if (out != null) {
            OutputPath.checkFile("--out", out);
        }
        List<String> lines =
                in.equals("-") ? TextFiles.lines("standard input", System.in) : TextFiles.lines(Path.of(in));
        List<List<String>> sentences = lines.stream()
                .filter(line -> !line.isBlank())
                .map(line -> Arrays.asList(line.strip().split("\\s+")))
                .toList();
        if (sentences.isEmpty()) {
            throw new ConfigException(
                    (in.equals("-") ? "standard input" : in) + ": no sentence was found: give one a line");
        }
        try (Tagger tagger = Tagger.load(model, dtype)) {
            write(columns(sentences, tagger.tag(sentences)));
        }
        return 0;
    }

    private static String columns(List<List<String>> sentences, List<List<String>> tags) {
        return IntStream.range(0, sentences.size())
                .mapToObj(s -> IntStream.range(0, sentences.get(s).size())
                        .mapToObj(w ->
                                sentences.get(s).get(w) + "\t" + tags.get(s).get(w) + "\n")
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("\n"));
    }

    private void write(String text) throws Exception {
        if (out != null) {
            AtomicFiles.writeString(out, text);
        } else {
            System.out.write(text.getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        }
    }
}
