package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.ModelExport;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code export}: a model in the layout of another program. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes a model in a layout that other programs read.",
        footer = {
            "",
            "Example:",
            "  ./llm2vec export --model runs/hebrew-mini/mntp-supervised --to exported --format merged"
        })
final class ExportCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "A model or adapter folder, OWNER/NAME of a model on the hub, or embedded:hebrew-mini.")
    private String model = "";

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "Merge this adapter too, a folder or a name on the hub; may be given more than once.")
    private List<Path> adapters = new ArrayList<>();

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "A folder that is new or empty.")
    private Path to = Path.of("");

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "merged: a model folder; peft: one adapter for the base; sentence-transformers.")
    private String format = "";

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "float32, bfloat16 or float16 for merged weights (default: as the base stores them).")
    private @Nullable String dtype;

    @Override
    public Integer call() throws Exception {
        OutputPath.checkFolder("--to", to);
        ModelExport.Format chosen;
        DType type;
        try {
            chosen = ModelExport.Format.of(format);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--format: " + e.getMessage());
        }
        try {
            type = dtype == null ? null : DType.ofTorchName(dtype);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--dtype: " + e.getMessage());
        }
        ModelExport.write(ModelChain.resolve(model, adapters), to, chosen, type);
        if (main != null && !main.quiet()) {
            System.err.println(chosen + ": " + to);
        }
        return 0;
    }
}
