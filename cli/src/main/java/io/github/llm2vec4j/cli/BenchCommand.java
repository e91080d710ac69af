package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.benchmark.EncodeBenchmark;
import io.github.llm2vec4j.benchmark.MatrixProducts;
import io.github.llm2vec4j.benchmark.ResidentMemory;
import io.github.llm2vec4j.benchmark.SyntheticModel;
import io.github.llm2vec4j.benchmark.TrainBenchmark;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.model.WeightLayout;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Workers;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.data.TextFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bench}: how fast this machine is. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures this machine; benchmarks/ has scripts that set other programs beside it.",
        subcommands = {
            BenchCommand.Encode.class,
            BenchCommand.Train.class,
            BenchCommand.Products.class,
            BenchCommand.Synth.class
        },
        footer = {"", "Example:", "  ./llm2vec bench encode --model embedded:hebrew-mini --in texts.txt"})
final class BenchCommand implements Runnable {
    @picocli.CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(),
                "say what to do: encode, train, products or synth");
    }

    /** {@code bench encode}: rounds of encoding, a JSON object a line. */
    @Command(
            name = "encode",
            mixinStandardHelpOptions = true,
            description = "Encodes texts in rounds and prints a JSON object for each: texts, tokens (padding not"
                    + " counted), seconds, tokens_per_second.",
            footer = {
                "",
                "Example:",
                "  ./llm2vec bench encode --model embedded:hebrew-mini --in texts.txt --rounds 5 --ceiling"
            })
    static final class Encode implements Callable<Integer> {
        @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model, as for encode.")
        private String model = "";

        @Option(names = "--in", required = true, paramLabel = "FILE", description = "Texts, one a line.")
        private Path in = Path.of("");

        @Option(names = "--rounds", paramLabel = "N", description = "Rounds after the first, which warms up (5).")
        private int rounds = 5;

        @Option(names = "--dtype", paramLabel = "TYPE", description = "float32, bfloat16 or auto (default).")
        private String dtype = "auto";

        @Option(
                names = "--weights",
                paramLabel = "LAYOUT",
                description = "How weights are held: stored, packed, int8, int4 or auto (default).")
        private String weights = "auto";

        @Option(
                names = "--workers",
                paramLabel = "N",
                description = "Batches computed at once (default: cores; 1 on a GPU).")
        private @Nullable Integer workers;

        @Option(names = "--tokens-per-batch", paramLabel = "N", description = "Tokens a worker takes at once (4096).")
        private int tokensPerBatch = 4096;

        @Option(
                names = "--ceiling",
                description = "Also time the bare matrix products of as many tokens, on all cores.")
        private boolean ceiling;

        @Option(
                names = "--wait",
                description = "Print 'ready', then do a round for each line of standard input, to its end.")
        private boolean wait;

        @Override
        public Integer call() throws Exception {
            if (rounds < 1) {
                throw new ConfigException("--rounds " + rounds + ": expected at least 1");
            }
            List<String> texts = TextFiles.texts(List.of(in), List.of("text"));
            try (Llm2Vec loaded = Llm2Vec.builder(model)
                    .dtype(dtype)
                    .weights(WeightLayout.of(weights))
                    .workers(workers == null ? Workers.usualCount() : workers)
                    .tokensPerBatch(tokensPerBatch)
                    .build()) {
                EncodeBenchmark benchmark = new EncodeBenchmark(loaded, texts);
                benchmark.round();
                if (wait) {
                    System.out.println("ready");
                    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                    while (lines.readLine() != null) {
                        print(benchmark.round(), loaded);
                    }
                } else {
                    for (int i = 0; i < rounds; i++) {
                        print(benchmark.round(), loaded);
                    }
                }
            }
            return 0;
        }

        private void print(EncodeBenchmark.Round round, Llm2Vec loaded) {
            ObjectNode json = new JsonMapper().createObjectNode();
            json.put("texts", round.texts());
            json.put("tokens", round.tokens());
            json.put("seconds", round.seconds());
            json.put("tokens_per_second", round.tokensPerSecond());
            json.put("dtype", loaded.computeType().torchName());
            if (ceiling) {
                double bare = MatrixProducts.secondsPerToken(loaded, 1) * round.tokens();
                json.put("matrix_products_seconds", bare);
                json.put("share_of_ceiling", bare / round.seconds());
            }
            System.out.println(json);
        }
    }

    /** {@code bench train}: steps of a stage, a JSON object a line. */
    @Command(
            name = "train",
            mixinStandardHelpOptions = true,
            description = "Trains a stage as train does, into a folder that is deleted afterwards, and prints a JSON"
                    + " object for each step: step, loss, tokens (padding not counted), seconds, tokens_per_second,"
                    + " dtype, and the most memory so far in megabytes: peak_mb, anonymous_mb (of no file), mapped_mb"
                    + " (of mapped files).",
            footer = {"", "Example:", "  ./llm2vec bench train mntp mntp.json --set load_in_8bit=true --rounds 3"})
    static final class Train implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "STAGE", description = "clm, mntp, simcse, supervised or word.")
        private String stage = "";

        @Parameters(index = "1", paramLabel = "CONFIG", description = "A JSON file, as for train.")
        private Path config = Path.of("");

        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Change a setting.")
        private List<String> settings = new ArrayList<>();

        @Option(names = "--warm-up", paramLabel = "N", description = "Steps that are not printed (1).")
        private int warmUp = 1;

        @Option(names = "--rounds", paramLabel = "N", description = "Steps after these (5).")
        private int rounds = 5;

        @Option(
                names = "--ceiling",
                description = "At the end time the bare matrix products of the linear layers too, on all cores, and"
                        + " print what share of the steps' time they are.")
        private boolean ceiling;

        @Option(
                names = "--wait",
                description = "Print 'ready', then do a step for each line of standard input, to its end.")
        private boolean wait;

        @Override
        public Integer call() throws Exception {
            if (rounds < 1 || warmUp < 0) {
                throw new ConfigException("--rounds " + rounds + ", --warm-up " + warmUp
                        + ": expected at least 1 step, and no fewer than 0 before");
            }
            TrainBenchmark benchmark =
                    new TrainBenchmark(StageKind.of(stage), TrainCommand.changed(StageConfig.read(config), settings));
            String dtype = benchmark.computeType().torchName();
            List<TrainBenchmark.Round> done = new ArrayList<>();
            benchmark.run(warmUp, wait ? lines() : () -> done.size() < rounds, round -> {
                done.add(round);
                System.out.println(json(round).put("dtype", dtype));
            });
            if (ceiling && !done.isEmpty()) {
                double seconds =
                        done.stream().mapToDouble(r -> r.step().seconds()).sum();
                long tokens = done.stream().mapToLong(r -> r.step().tokens()).sum();
                double bare = benchmark.productsSecondsPerToken(1) * tokens;
                System.out.println(new JsonMapper()
                        .createObjectNode()
                        .put("matrix_products_seconds", bare)
                        .put("share_of_ceiling", bare / seconds));
            }
            return 0;
        }

        /** A line for each step; the first is waited for when all is warm. */
        private static BooleanSupplier lines() {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            boolean[] said = new boolean[1];
            return () -> {
                if (!said[0]) {
                    said[0] = true;
                    System.out.println("ready");
                }
                try {
                    return lines.readLine() != null;
                } catch (IOException e) {
                    throw new UncheckedIOException("standard input: cannot be read: " + e.getMessage(), e);
                }
            };
        }

        private static ObjectNode json(TrainBenchmark.Round round) {
            ObjectNode json = new JsonMapper()
                    .createObjectNode()
                    .put("step", round.step().number())
                    .put("loss", round.step().loss())
                    .put("tokens", round.step().tokens())
                    .put("seconds", round.step().seconds())
                    .put("tokens_per_second", round.tokensPerSecond());
            ResidentMemory memory = round.memory();
            if (memory != null) {
                json.put("peak_mb", memory.peak() / 1_000_000)
                        .put("anonymous_mb", memory.anonymous() / 1_000_000)
                        .put("mapped_mb", memory.mapped() / 1_000_000);
            }
            return json;
        }
    }

    /** {@code bench products}: the ceiling of encoding for a published shape, a JSON object a line. */
    @Command(
            name = "products",
            mixinStandardHelpOptions = true,
            description = "Times the matrix products of one block of a published shape, with random weights, and prints"
                    + " a JSON object for each; then what they would be for all blocks: the tokens a second that no"
                    + " encoding with such products can pass.",
            footer = {"", "Example:", "  ./llm2vec bench products --like dicta-il/dictalm2.0 --dtype bfloat16"})
    static final class Products implements Callable<Integer> {
        @Option(names = "--like", required = true, paramLabel = "ID", description = "A model's name on the hub.")
        private String like = "";

        @Option(names = "--dtype", paramLabel = "TYPE", description = "float32, bfloat16 or auto (default).")
        private String dtype = "auto";

        @Option(
                names = "--rows",
                paramLabel = "N",
                description = "Tokens that a core takes at once (" + MatrixProducts.ROWS + ").")
        private int rows = MatrixProducts.ROWS;

        @Override
        public Integer call() throws Exception {
            if (rows < 1) {
                throw new ConfigException("--rows " + rows + ": expected at least 1");
            }
            int blocks = SyntheticModel.config(like).layers();
            DType type = ComputeType.of(dtype);
            double secondsPerToken = 0;
            for (MatrixProducts.Speed product : MatrixProducts.ofBlock(like, type, rows)) {
                secondsPerToken += product.secondsPerToken() * blocks;
                System.out.println(new JsonMapper()
                        .createObjectNode()
                        .put("product", product.name())
                        .put("inputs", product.inputs())
                        .put("outputs", product.outputs())
                        .put("gflops", product.gigaflops()));
            }
            System.out.println(new JsonMapper()
                    .createObjectNode()
                    .put("like", like)
                    .put("dtype", type.torchName())
                    .put("rows", rows)
                    .put("blocks", blocks)
                    .put("tokens_per_second", 1 / secondsPerToken));
            return 0;
        }
    }

    /** {@code bench synth}: a random model of a published shape. */
    @Command(
            name = "synth",
            mixinStandardHelpOptions = true,
            description = "Writes a model folder with random bf16 weights in the shape of a published model, to measure"
                    + " speed and memory where the real one is not at hand.",
            footer = {"", "Example:", "  ./llm2vec bench synth --like dicta-il/dictalm2.0 --out synth-7b"})
    static final class Synth implements Callable<Integer> {
        @Option(names = "--like", required = true, paramLabel = "ID", description = "A model's name on the hub.")
        private String like = "";

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "A new folder.")
        private Path out = Path.of("");

        @Option(
                names = "--tokenizer",
                paramLabel = "MODEL",
                defaultValue = "embedded:hebrew-mini",
                description = "The model whose tokenizer it gets (default: ${DEFAULT-VALUE}).")
        private String tokenizer = "";

        @Option(names = "--seed", paramLabel = "N", description = "Of the random weights (0).")
        private long seed;

        @Override
        public Integer call() throws Exception {
            SyntheticModel.write(like, tokenizer, out, seed);
            return 0;
        }
    }
}
