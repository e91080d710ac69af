package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Encodings;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.model.WeightLayout;
import io.github.llm2vec4j.recipe.CachedVectors;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.TextFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code encode}: texts to vectors. */
@Command(
        name = "encode",
        mixinStandardHelpOptions = true,
        description = "Encodes texts, one a line, to a file of vectors in the same order.",
        footer = {"", "Example:", "  ./llm2vec encode --model embedded:hebrew-mini --in texts.txt --out vectors.npy"})
final class EncodeCommand implements Callable<Integer> {
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
            description = "Merge this adapter too; may be given several times, in order.")
    private List<Path> adapters = new ArrayList<>();

    @ArgGroup
    private Said said = new Said();

    /** What is said to the model before a text. */
    private static final class Said {
        @Option(names = "--instruction", paramLabel = "TEXT", description = "What the vectors are for.")
        private @Nullable String instruction;

        @Option(
                names = "--prompt",
                paramLabel = "NAME",
                description = "The model's prompt of this name, query or document for instance (default: the model's"
                        + " own default).")
        private @Nullable String prompt;
    }

    @Option(
            names = "--in",
            paramLabel = "FILE",
            defaultValue = "-",
            description =
                    "Texts: a .txt file, a text a line, or .jsonl with --field; - reads standard input (default).")
    private String in = "-";

    @Option(
            names = "--field",
            paramLabel = "NAME",
            description = "The field of a .jsonl file that holds the text (default: text); standard input is read as"
                    + " .jsonl where this is given.")
    private @Nullable String field;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Vectors: .npy, .safetensors or .jsonl.")
    private Path out = Path.of("");

    @Option(
            names = "--pooling",
            paramLabel = "MODE",
            description = "mean, weighted_mean, eos_token, last_token, bos_token or max (default: the model's).")
    private @Nullable String pooling;

    @Option(names = "--normalize", description = "Scale vectors to length 1.")
    private boolean normalize;

    @Option(names = "--dim", paramLabel = "N", description = "Keep the first N dimensions.")
    private @Nullable Integer dimensions;

    @Mixin
    private QuantizeOptions quantize = new QuantizeOptions();

    @Option(names = "--causal", description = "Attend as the decoder did, to earlier tokens alone.")
    private boolean causal;

    @Option(names = "--reference-compat", description = "Do as the Python package llm2vec 0.2.3, errors included.")
    private boolean referenceCompat;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Keep vectors below this folder, and compute only those that are not there.")
    private @Nullable Path cache;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bfloat16 or auto, the fastest here (default).")
    private String dtype = "auto";

    @Option(
            names = "--weights",
            paramLabel = "LAYOUT",
            defaultValue = "auto",
            description =
                    "How weights are held: stored (as in the file), packed (a copy, faster), int8 (half the memory"
                            + " of bfloat16), or auto, packed for a small model (default).")
    private String weights = "auto";

    @Override
    public Integer call() throws Exception {
        if (EmbeddingFiles.ENDINGS.stream().noneMatch(out.toString()::endsWith)) {
            throw new ConfigException(
                    "--out " + out + ": expected a name that ends in " + String.join(", ", EmbeddingFiles.ENDINGS));
        }
        OutputPath.checkFile("--out", out);
        quantize.check();
        List<String> texts = texts();
        if (texts.isEmpty()) {
            throw new ConfigException(
                    (in.equals("-") ? "standard input" : in) + ": no text was found: give a text a line");
        }
        Llm2Vec.Builder builder = Llm2Vec.builder(model)
                .causal(causal)
                .referenceCompat(referenceCompat)
                .dtype(dtype)
                .weights(WeightLayout.of(weights));
        adapters.forEach(builder::adapter);
        if (pooling != null) {
            builder.pooling(pooling(pooling));
        }
        long start = System.nanoTime();
        try (Llm2Vec loaded = builder.build()) {
            int keep = dimensions == null ? loaded.dimensions() : dimensions;
            if (keep < 1 || keep > loaded.dimensions()) {
                throw new ConfigException(
                        "--dim " + keep + ": expected 1 to " + loaded.dimensions() + ", the model's dimensions");
            }
            QuantizeOptions.Writer writer =
                    quantize.writer(keep, file -> shaped(loaded.encode(instruction(loaded), texts(file)), keep));
            if (cache != null) {
                String use = "causal " + causal + ", reference " + referenceCompat + ", weights " + weights;
                writer.write(
                        out, shaped(CachedVectors.encode(loaded, use, instruction(loaded), texts, cache), keep), texts);
                return 0;
            }
            Encodings encodings = loaded.encodeAll(instruction(loaded), texts);
            if (encodings.cutTexts() > 0) {
                System.err.printf(
                        "llm2vec: %d of %d texts were too long and cut, at %d tokens of a text or %d in all%n",
                        encodings.cutTexts(),
                        texts.size(),
                        loaded.config().docMaxLength(),
                        loaded.config().maxLength());
            }
            writer.write(out, shaped(encodings.vectors(), keep), texts);
        }
        if (main != null && !main.quiet()) {
            System.err.printf(
                    java.util.Locale.ROOT,
                    "%d texts in %.1f s: %s%n",
                    texts.size(),
                    (System.nanoTime() - start) * 1e-9,
                    out);
        }
        return 0;
    }

    private float[][] shaped(float[][] vectors, int keep) {
        return Arrays.stream(vectors)
                .map(vector -> EmbeddingFiles.shape(vector, keep, normalize))
                .toArray(float[][]::new);
    }

    private Instruction instruction(Llm2Vec loaded) {
        if (said.instruction != null) {
            return Instruction.of(said.instruction);
        }
        try {
            return said.prompt == null ? loaded.prompts().ofDefault() : loaded.prompt(said.prompt);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--prompt: " + e.getMessage());
        }
    }

    private static Pooling pooling(String name) {
        try {
            return Pooling.of(name);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--pooling: " + e.getMessage());
        }
    }

    private List<String> texts() {
        if (in.equals("-")) {
            return field == null
                    ? TextFiles.lines("standard input", System.in)
                    : TextFiles.field("standard input", System.in, field);
        }
        if (field != null && !isJson(Path.of(in))) {
            throw new ConfigException("--field " + field + ": only a .jsonl file has fields, found --in " + in);
        }
        return texts(Path.of(in));
    }

    private List<String> texts(Path file) {
        return isJson(file) ? TextFiles.field(file, field == null ? "text" : field) : TextFiles.lines(file);
    }

    private static boolean isJson(Path file) {
        return file.toString().endsWith(".jsonl") || file.toString().endsWith(".jsonl.gz");
    }
}
