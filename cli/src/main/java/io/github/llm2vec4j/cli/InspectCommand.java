package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.ModelInspection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a model is. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows what a model is made of and how it encodes.",
        footer = {"", "Example:", "  ./llm2vec inspect embedded:hebrew-mini"})
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

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ModelInspection inspection = ModelInspection.of(ModelChain.resolve(model, adapters));
        System.out.print(json ? inspection.json().toPrettyString() + "\n" : inspection.toText());
        return 0;
    }
}
