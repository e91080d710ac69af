package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Encodings;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.VectorWriter;
import io.github.llm2vec4j.core.model.WeightLayout;
import io.github.llm2vec4j.recipe.CachedVectors;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.ParquetVectorWriter;
import io.github.llm2vec4j.training.data.TableFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
        description = "Encodes texts, lines or a column of a table, to a file of vectors in the same order.",
        footer = {
            "",
            "Examples:",
            "  ./llm2vec encode --model embedded:hebrew-mini --in texts.txt --out vectors.npy",
            "  ./llm2vec encode --model embedded:hebrew-mini --in rows.csv.gz --field body --keep id --out rows.parquet"
        })
final class EncodeCommand implements Callable<Integer> {
    private static final String PARQUET = ".parquet";

    /** How much is read before it is encoded: enough to sort texts of like length together. */
    private static final int ROWS_AT_ONCE = 4096;

    private static final long CHARACTERS_AT_ONCE = 4_000_000;

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
                    "Texts: a .txt file, a text a line, or a column of .jsonl, .csv, .tsv or .parquet; all but .parquet"
                            + " also .gz or .zst; - reads standard input (default).")
    private String in = "-";

    @Option(
            names = "--field",
            paramLabel = "NAME",
            description = "The column that holds the text (default: text); standard input is read as .jsonl where this"
                    + " is given.")
    private @Nullable String field;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Vectors: .npy, .safetensors, .jsonl or .parquet.")
    private Path out = Path.of("");

    @Option(
            names = "--keep",
            paramLabel = "COLUMN",
            split = ",",
            description = "Write these columns of the input beside the vectors, to .jsonl or .parquet.")
    private List<String> keep = new ArrayList<>();

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
                            + " of bfloat16), int4 (a third of it), or auto, packed for a small model (default).")
    private String weights = "auto";

    @Override
    public Integer call() throws Exception {
        checkOut();
        quantize.check();
        long start = System.nanoTime();
        try (EncodeInput input = EncodeInput.open(in, field, keep)) {
            EncodeInput.Part first = part(input);
            if (first.texts().isEmpty()) {
                throw new ConfigException(
                        (in.equals("-") ? "standard input" : in) + ": no text was found: give a text a line");
            }
            long cut;
            try (Llm2Vec loaded = model()) {
                cut = encode(loaded, first, input);
                if (cut > 0) {
                    System.err.printf(
                            "llm2vec: %d of %d texts were too long and cut, at %d tokens of a text or %d in all%n",
                            cut,
                            input.rows(),
                            loaded.config().docMaxLength(),
                            loaded.config().maxLength());
                }
            }
            if (input.empty() > 0) {
                System.err.printf(
                        "llm2vec: %d of %d rows have no text and were encoded as the empty text%n",
                        input.empty(), input.rows());
            }
            if (main != null && !main.quiet()) {
                System.err.printf(
                        Locale.ROOT, "%d texts in %.1f s: %s%n", input.rows(), (System.nanoTime() - start) * 1e-9, out);
            }
        }
        return 0;
    }

    private void checkOut() {
        boolean parquet = out.toString().endsWith(PARQUET);
        if (!parquet && EmbeddingFiles.ENDINGS.stream().noneMatch(out.toString()::endsWith)) {
            throw new ConfigException("--out " + out + ": expected a name that ends in "
                    + String.join(", ", EmbeddingFiles.ENDINGS) + ", " + PARQUET);
        }
        OutputPath.checkFile("--out", out);
        if (keep.isEmpty()) {
            return;
        }
        boolean lines = out.toString().endsWith(".jsonl");
        if (!parquet && !lines) {
            throw new ConfigException("--keep " + String.join(",", keep) + ": " + out
                    + " holds vectors alone: expected --out .jsonl or .parquet");
        }
        Set<String> seen = new HashSet<>(Set.of(ParquetVectorWriter.EMBEDDING));
        if (lines && field != null && !field.equals(TableFormat.TEXT_COLUMN)) {
            seen.add(TableFormat.TEXT_COLUMN);
        }
        for (String name : keep) {
            if (!seen.add(name)) {
                throw new ConfigException("--keep " + name + ": the output would have two columns of that name");
            }
        }
    }

    private Llm2Vec model() {
        Llm2Vec.Builder builder = Llm2Vec.builder(model)
                .causal(causal)
                .referenceCompat(referenceCompat)
                .dtype(dtype)
                .weights(WeightLayout.of(weights));
        adapters.forEach(builder::adapter);
        if (pooling != null) {
            builder.pooling(pooling(pooling));
        }
        return builder.build();
    }

    /** With --reference-compat a vector may depend on all texts, since they are sorted by length into batches. */
    private EncodeInput.Part part(EncodeInput input) {
        return referenceCompat
                ? input.next(Integer.MAX_VALUE, Long.MAX_VALUE)
                : input.next(ROWS_AT_ONCE, CHARACTERS_AT_ONCE);
    }

    /**
     * Encodes and writes a part of the texts after the other; returns how many were cut. The first part is encoded before
     * anything is written.
     */
    private long encode(Llm2Vec loaded, EncodeInput.Part first, EncodeInput input) throws IOException {
        int dim = dimensions == null ? loaded.dimensions() : dimensions;
        if (dim < 1 || dim > loaded.dimensions()) {
            throw new ConfigException(
                    "--dim " + dim + ": expected 1 to " + loaded.dimensions() + ", the model's dimensions");
        }
        Instruction instruction = instruction(loaded);
        long[] cut = {0};
        Function<List<String>, float[][]> encoder = cache == null
                ? texts -> {
                    Encodings encodings = loaded.encodeAll(instruction, texts);
                    cut[0] += encodings.cutTexts();
                    return encodings.vectors();
                }
                : CachedVectors.of(
                        loaded,
                        "causal " + causal + ", reference " + referenceCompat + ", weights " + weights,
                        instruction,
                        cache);
        float[][] firstVectors = encoder.apply(first.texts());
        try (VectorWriter target = open();
                VectorWriter writer = quantize.writer(
                        dim, file -> shaped(loaded.encode(instruction, texts(file)), dim), out, target)) {
            for (EncodeInput.Part part = first; !part.texts().isEmpty(); part = part(input)) {
                float[][] vectors = part == first ? firstVectors : encoder.apply(part.texts());
                for (int i = 0; i < vectors.length; i++) {
                    writer.add(
                            part.texts().get(i), part.kept().get(i), EmbeddingFiles.shape(vectors[i], dim, normalize));
                }
            }
            writer.finish();
        }
        return cut[0];
    }

    private VectorWriter open() throws IOException {
        return out.toString().endsWith(PARQUET)
                ? new ParquetVectorWriter(out, quantize.type(), keep)
                : EmbeddingFiles.open(out, quantize.type());
    }

    private List<String> texts(Path file) {
        try (EncodeInput input =
                EncodeInput.open(file.toString(), TableFormat.of(file) == TableFormat.TEXT ? null : field, List.of())) {
            return input.texts();
        }
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
}
