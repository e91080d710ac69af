package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.ModelInspection;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a model is. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows what a model is made of and how it encodes.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec inspect embedded:hebrew-mini",
            "  ./llm2vec inspect embedded:hebrew-mini --tokens texts.txt --against dicta-il/dictalm2.0"
        })
final class InspectCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A model or adapter folder, OWNER/NAME of a model on the hub, or embedded:hebrew-mini.")
    private String model = "";

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "With this adapter, a folder or a name on the hub; may be given several times, in order.")
    private List<Path> adapters = new ArrayList<>();

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "Show instead into how many tokens its tokenizer cuts the texts of a file.")
    private @Nullable Path tokens;

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            description = "With --tokens: beside the tokenizer of another model; may be given several times.")
    private List<String> against = new ArrayList<>();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Path file = tokens;
        if (file != null) {
            List<String> models = new ArrayList<>(List.of(model));
            models.addAll(against);
            TokenReport report = TokenReport.of(file, models);
            System.out.print(json ? report.json().toPrettyString() + "\n" : report.text());
            return 0;
        }
        if (!against.isEmpty()) {
            throw new ConfigException("--against: goes with --tokens FILE");
        }
        ModelInspection inspection = ModelInspection.of(ModelChain.resolve(model, adapters));
        System.out.print(json ? inspection.json().toPrettyString() + "\n" : inspection.toText());
        return 0;
    }
}
