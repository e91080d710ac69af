package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.TagHead;
import io.github.llm2vec4j.core.encoder.WordReading;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.core.hub.ModelRecord;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.model.StoredModel;
import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Device;
import io.github.llm2vec4j.core.torch.Workers;
import io.github.llm2vec4j.training.data.TestTexts;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stage of the recipe, put together from its settings and run to its end. */
public final class Stage {
    private static final Logger LOG = LoggerFactory.getLogger(Stage.class);

    private static final String CHECKPOINTS = "checkpoints";
    private static final String RECORD = "training.json";
    private static final String LOG_FILE = "log.jsonl";

    private final StageKind kind;
    private final StageConfig config;
    private final Path output;
    private final List<TrainingListener> listeners;
    private final TestTexts tests;
    private volatile @Nullable Trainer trainer;
    private volatile boolean stopRequested;

    /**
     * @param listeners that hear of every step, besides the log and the checkpoints
     */
    public Stage(StageKind kind, StageConfig config, List<TrainingListener> listeners) {
        this(kind, config, listeners, TestTexts.none());
    }

    /** @param tests the texts that the model will be tested on, which are looked for in those that it is trained on */
    public Stage(StageKind kind, StageConfig config, List<TrainingListener> listeners, TestTexts tests) {
        this.kind = kind;
        this.tests = tests;
        this.config = config;
        this.output = Path.of(config.text("output_dir"));
        this.listeners = List.copyOf(listeners);
        checkNames();
        if (!config.ignored().isEmpty()) {
            LOG.warn("{}: without meaning here: {}", config.source(), String.join(", ", config.ignored()));
        }
    }

    /** Refuses now the names that would be looked at only when a stage has trained for long. */
    private void checkNames() {
        check("torch_dtype", "auto", ComputeType::of);
        check("lr_scheduler_type", "linear", LearningRate.Schedule::of);
        check("pooling_mode", "mean", Pooling::of);
        reportsToTensorBoard();
        if (config.goesByScores() && evalEvery() == 0) {
            String key =
                    config.flag("load_best_model_at_end", false) ? "load_best_model_at_end" : "early_stopping_patience";
            throw new ConfigException(config.source() + ": " + key + ": set eval_steps too: nothing is scored without");
        }
        checkEightBit();
        if (kind == StageKind.WORD) {
            config.text("task");
            check("task", "", TagTask::of);
            check("retroactive_labels", "same_token", name -> WordReading.of(name, true));
            check("model_class", "custom", Stage::checkModelClass);
        } else if (kind == StageKind.MNTP && !config.flag("bidirectional", true)) {
            throw new ConfigException(config.source() + ": bidirectional: false is not for " + kind
                    + ", which teaches a model to attend in both directions");
        }
    }

    private void checkEightBit() {
        if (!eightBit()) {
            return;
        }
        if (!kind.trainsAdapter(config)) {
            throw new ConfigException(config.source() + ": load_in_8bit: is for training an adapter on weights that"
                    + " stay as they are, which this stage does not: leave it out");
        }
        if (!recomputes()) {
            throw new ConfigException(config.source() + ": gradient_checkpointing: false does not go with load_in_8bit:"
                    + " all layers' weights would be held wide for the way back: leave it out");
        }
    }

    /** Asked for by {@code report_to}, or where that is not set by naming a folder. */
    private boolean reportsToTensorBoard() {
        List<String> reports = config.texts("report_to", List.of());
        for (String name : reports) {
            if (!List.of("tensorboard", "all", "none").contains(name)) {
                throw new ConfigException(config.source() + ": report_to: '" + name
                        + "' is not supported: expected tensorboard, all or none");
            }
        }
        return reports.isEmpty() ? config.has("logging_dir") : !reports.contains("none");
    }

    private static void checkModelClass(String name) {
        if (!name.equals("custom")) {
            throw new IllegalArgumentException("'" + name + "' is not supported: expected custom, for decoders");
        }
    }

    private void check(String key, String fallback, Consumer<String> reading) {
        try {
            reading.accept(config.text(key, fallback));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(config.source() + ": " + key + ": " + e.getMessage());
        }
    }

    /**
     * Trains, and writes the model to {@code output_dir}.
     *
     * <p>Without {@code resume}, a folder that holds anything is refused, unless {@code overwrite_output_dir} is set;
     * then the checkpoints of a run that has not ended are deleted.
     *
     * <p>A stage {@code word} with {@code cls_addr} trains nothing: it scores the tagger that is named there.
     *
     * @param resume whether to go on from the checkpoint of an earlier run, where there is one
     * @return whether the stage is complete; false if it was asked to stop, and its checkpoint written
     */
    public boolean run(boolean resume) throws IOException {
        if (kind == StageKind.WORD && config.has("cls_addr")) {
            TaggerScoring.run(config, output);
            return true;
        }
        if (resume && isComplete() && !Files.exists(checkpointFolder())) {
            return true;
        }
        try (RunLock lock = RunLock.on(output)) {
            if (resume && isComplete()) {
                AtomicFiles.deleteTree(checkpointFolder());
                return true;
            }
            if (!resume) {
                checkFree();
            }
            return train(resume, lock);
        }
    }

    /** A run that begins afresh takes a folder over only if it is told so. */
    private void checkFree() throws IOException {
        if (config.flag("overwrite_output_dir", false)) {
            return;
        }
        if (RunCheckpoint.anyIn(checkpointFolder())) {
            throw new TrainingException(checkpointFolder() + ": an earlier run has not ended: resume it (--resume), or"
                    + " set overwrite_output_dir to start afresh");
        }
        try (Stream<Path> children = Files.list(output)) {
            if (children.anyMatch(child -> !child.endsWith(RunLock.FILE))) {
                throw new ConfigException(output + ": is not empty: give another output_dir, or set"
                        + " overwrite_output_dir to write into this one");
            }
        }
    }

    private Path checkpointFolder() {
        return output.resolve(CHECKPOINTS);
    }

    private boolean train(boolean resume, RunLock lock) throws IOException {
        RunIdentity identity = identity();
        tests.forget();
        try (Model model = loadModel()) {
            Objective objective = model.objective(kind, config, tests);
            Trainer.Plan plan = plan(objective);
            RunCheckpoint checkpoints = new RunCheckpoint(checkpointFolder(), identity, checkpointsKept());
            List<TrainingListener> all = new ArrayList<>(listeners);
            all.add(0, new TrainingLog(output.resolve(LOG_FILE)));
            if (reportsToTensorBoard()) {
                all.add(new TensorBoardLog(Path.of(
                        config.text("logging_dir", output.resolve("runs").toString()))));
            }
            all.add(new CheckpointListener(checkpoints, checkpointEvery(), () -> trainer()));
            try (Replicas replicas =
                            new Replicas(model.decoder, model.trained(), workers(), computeType(), recomputes());
                    Trainer made = new Trainer(objective, replicas, plan, all)) {
                trainer = made;
                if (!resume) {
                    AtomicFiles.deleteTree(checkpointFolder());
                } else if (checkpoints.restore(made)) {
                    LOG.info("{}: goes on after step {}", output, made.step());
                }
                if (!lock.isFirst()) {
                    AtomicFiles.deleteLeftovers(output);
                    AtomicFiles.deleteLeftovers(checkpointFolder());
                }
                RunLock.makeFolder(checkpointFolder());
                lock.keep();
                if (stopRequested) {
                    made.requestStop();
                }
                made.run();
                boolean complete = made.isFinished();
                if (complete) {
                    made.takeFinalWeights();
                    Files.deleteIfExists(output.resolve(RECORD)); // of an earlier run, whose model is replaced now
                    model.save(config, output);
                    recordTraining(made.step());
                    markComplete(identity, made);
                    AtomicFiles.deleteTree(checkpointFolder());
                } else {
                    LOG.info(
                            "{}: stopped after step {} of {}; resume goes on there", output, made.step(), plan.steps());
                }
                return complete;
            } finally {
                trainer = null;
            }
        }
    }

    /** Asks the run to stop after the step that is under way and to write a checkpoint. */
    public void requestStop() {
        stopRequested = true;
        Trainer running = trainer;
        if (running != null) {
            running.requestStop();
        }
    }

    private Trainer trainer() {
        Trainer running = trainer;
        if (running == null) {
            throw new IllegalStateException("no run is under way");
        }
        return running;
    }

    private Trainer.Plan plan(Objective objective) {
        double epochs = config.number("num_train_epochs", kind.epochs());
        long wholeCorpus = Math.max(1, (long) Math.ceil(epochs * objective.stepsPerEpoch()));
        long planned = config.has("max_steps") ? config.integer("max_steps", 0) : wholeCorpus;
        long steps =
                config.has("stop_after_n_steps") ? Math.min(planned, config.integer("stop_after_n_steps", 0)) : planned;
        boolean asReference = config.flag("reference_compat", false);
        return new Trainer.Plan(
                steps,
                evalEvery(),
                config.number("max_grad_norm", 1.0),
                new LearningRate(
                        config.number("learning_rate", kind.learningRate()),
                        config.integer("warmup_steps", 0),
                        asReference ? wholeCorpus : steps,
                        LearningRate.Schedule.of(config.text("lr_scheduler_type", "linear"))),
                new AdamW.Settings(
                        config.number("adam_beta1", 0.9),
                        config.number("adam_beta2", 0.999),
                        config.number("adam_epsilon", 1e-8),
                        config.number("weight_decay", 0),
                        config.number("loraplus_lr_ratio", 1)),
                config.number("ema_decay", 0),
                config.goesByScores() ? bestRule() : null);
    }

    private long evalEvery() {
        return config.flag("do_eval", true) ? config.integer("eval_steps", 0) : 0;
    }

    /** With the defaults of the Hugging Face Trainer. */
    private BestScore.Rule bestRule() {
        String name = config.text("metric_for_best_model", "loss");
        String metric = name.startsWith("eval_") ? name : "eval_" + name;
        return new BestScore.Rule(
                metric,
                config.flag("greater_is_better", !metric.endsWith("loss")),
                config.flag("load_best_model_at_end", false),
                config.integer("early_stopping_patience", 0),
                config.number("early_stopping_threshold", 0));
    }

    private RunIdentity identity() throws IOException {
        String where = Device.current() == Device.CPU ? "" : " on " + Device.current();
        return RunIdentity.of(kind, config, workers(), computeType().torchName() + where, tests);
    }

    private void recordTraining(long steps) throws IOException {
        TrainingRecord record = new TrainingRecord(
                kind, config, steps, computeType().torchName(), workers(), tests.overlaps(), output.resolve(LOG_FILE));
        if (!kind.trainsDecoder()) {
            ModelChain below = Foundation.of(config).chain();
            ModelRecord.writeTraining(output, below.base(), below.adapters(), record.toJson());
        } else {
            ModelRecord.writeTraining(
                    output, config.has("model_config") ? null : tokenizerFolder(), List.of(), record.toJson());
        }
    }

    private DType computeType() {
        return ComputeType.of(config.text("torch_dtype", "auto"));
    }

    /** Whether the frozen weights are held as int8. */
    static boolean eightBit(StageConfig config) {
        return config.has("load_in_8bit") && config.flag("load_in_8bit", false);
    }

    private boolean eightBit() {
        return eightBit(config);
    }

    /** Whether blocks are computed again on the way back. */
    public boolean recomputes() {
        return recomputes(config);
    }

    static boolean recomputes(StageConfig config) {
        return config.flag("gradient_checkpointing", eightBit(config));
    }

    /** How many times each text goes through the model on the way there. */
    public int forwardPasses() {
        return config.flag("gradient_cache", false) ? 2 : 1;
    }

    private int checkpointEvery() {
        return config.integer("save_steps", 200);
    }

    private int checkpointsKept() {
        return config.integer("save_total_limit", 2);
    }

    private int workers() {
        return config.integer("workers", Workers.usualCount());
    }

    /** Whether {@code output_dir} holds the model of a finished run with these settings and data. */
    public boolean isComplete() throws IOException {
        Path file = output.resolve(RECORD);
        return Files.isRegularFile(file)
                && new JsonMapper()
                        .readTree(file.toFile())
                        .path("fingerprint")
                        .asText()
                        .equals(identity().fingerprint());
    }

    private void markComplete(RunIdentity identity, Trainer finished) throws IOException {
        ObjectNode json = new JsonMapper().createObjectNode();
        json.put("stage", kind.toString());
        json.put("fingerprint", identity.fingerprint());
        json.put("compute_type", computeType().torchName());
        json.put("workers", workers());
        BestScore best = finished.best();
        if (best != null) {
            json.put("steps", finished.step());
            json.set("best", best.toJson());
        }
        json.set("settings", config.toJson());
        AtomicFiles.writeString(output.resolve(RECORD), json.toPrettyString() + "\n");
    }

    /**
     * What a run would do, as lines of text: its settings and where each comes from, its data, its steps and rates, and
     * about how much memory it would take. The data is read and counted; weights are not, and nothing is written.
     */
    public List<String> explain() throws IOException {
        DecoderConfig shape = config.has("model_config")
                ? DecoderConfig.of(config.object("model_config"))
                : modelShape(ModelFolder.resolve(config.text("model_name_or_path")));
        LoraConfig lora = kind.trainsAdapter(config) ? loraShape(config.text("model_name_or_path")) : null;
        seed();
        try (Tokenizer tokenizer = Tokenizer.load(tokenizerFolder())) {
            tests.forget();
            StageData data = new StageData(config, tokenizer, tests);
            WordData words = kind == StageKind.WORD ? WordData.read(config, tokenizer, tests) : null;
            TagHead head = words == null ? null : head(words, shape.hiddenSize(), seed());
            if (head != null) {
                head.close();
            }
            Objective objective = words != null && head != null
                    ? words.objective(config, head, tokenizer.padId())
                    : kind.objective(config, tokenizer, data);
            Trainer.Plan plan = plan(objective);
            checkpointEvery();
            checkpointsKept();
            config.flag("overwrite_output_dir", false);
            MemoryEstimate memory = MemoryEstimate.of(
                    shape,
                    lora,
                    new MemoryEstimate.Load(
                            workers(),
                            kind.textsHeld(config, workers(), data.counts().getOrDefault("texts in a row", 2L)),
                            kind.textsAtOnce(config, workers()),
                            kind.length(config),
                            computeType(),
                            recomputes(),
                            kind == StageKind.SIMCSE,
                            eightBit()));
            Map<String, Long> counts = words == null
                    ? data.counts()
                    : Map.of("sentences", (long) words.train().size());
            return new Explanation(kind, config, counts, objective.stepsPerEpoch(), plan, memory).lines();
        }
    }

    private static DecoderConfig modelShape(Path base) throws IOException {
        try (StoredModel stored = StoredModel.open(base)) {
            return stored.config();
        }
    }

    private int seed() {
        return config.integer("seed", 42);
    }

    private Path tokenizerFolder() {
        return ModelFolder.resolve(config.text(config.has("model_config") ? "tokenizer_path" : "model_name_or_path"));
    }

    private Model loadModel() {
        int seed = seed();
        if (kind.trainsDecoder()) {
            Path tokenizerFolder = tokenizerFolder();
            Decoder decoder = config.has("model_config")
                    ? Decoder.random(DecoderConfig.of(config.object("model_config")), seed)
                    : Decoder.loadTrainable(tokenizerFolder);
            try {
                return new Model(decoder, Tokenizer.load(tokenizerFolder), null, null, null);
            } catch (RuntimeException e) {
                decoder.close();
                throw e;
            }
        }
        Foundation below = Foundation.of(config);
        Decoder decoder = Decoder.load(below.chain().base(), computeType());
        Tokenizer tokenizer = null;
        try {
            if (eightBit()) {
                LoraAdapter.merge(decoder, below.chain().adapters(), decoder::quantize);
                decoder.quantize();
            } else {
                LoraAdapter.merge(decoder, below.chain().adapters());
            }
            tokenizer = Tokenizer.load(below.tokenizerFolder());
            WordData words = kind == StageKind.WORD ? WordData.read(config, tokenizer, tests) : null;
            LoraAdapter adapter =
                    kind.trainsAdapter(config) ? LoraAdapter.inject(decoder, loraShape(below.base()), seed) : null;
            return new Model(
                    decoder,
                    tokenizer,
                    adapter,
                    words,
                    words == null ? null : head(words, decoder.config().hiddenSize(), seed));
        } catch (RuntimeException e) {
            if (tokenizer != null) {
                tokenizer.close();
            }
            decoder.close();
            throw e;
        }
    }

    private LoraConfig loraShape(String base) {
        int rank = config.integer("lora_r", 16);
        return new LoraConfig(
                rank,
                config.number("lora_alpha", 2.0 * rank),
                config.number("lora_dropout", 0.05),
                LoraConfig.ALL_LINEAR,
                base,
                config.flag("use_rslora", false),
                config.flag("use_dora", false));
    }

    private static TagHead head(WordData words, int hiddenSize, long seed) {
        return TagHead.random(words.tagger().labels().size(), hiddenSize, seed);
    }

    /**
     * What is trained: an adapter on a decoder, a head on it that names words, or both; or, where there is neither, all
     * of the decoder.
     */
    private record Model(
            Decoder decoder,
            Tokenizer tokenizer,
            @Nullable LoraAdapter adapter,
            @Nullable WordData words,
            @Nullable TagHead head)
            implements AutoCloseable {

        List<Parameter> trained() {
            List<Parameter> trained = new ArrayList<>();
            if (adapter != null) {
                trained.addAll(adapter.parameters());
            }
            if (head != null) {
                trained.addAll(head.parameters());
            }
            return trained.isEmpty() ? List.copyOf(decoder.parameters().values()) : trained;
        }

        Objective objective(StageKind kind, StageConfig config, TestTexts tests) {
            return words != null && head != null
                    ? words.objective(config, head, tokenizer.padId())
                    : kind.objective(config, tokenizer, new StageData(config, tokenizer, tests));
        }

        void save(StageConfig config, Path output) throws IOException {
            Files.createDirectories(output);
            if (words != null && head != null) {
                ModelWriter.writeTagger(output, head, words.tagger(), adapter, tokenizer, config);
            } else if (adapter != null) {
                ModelWriter.writeAdapter(output, adapter, tokenizer, config);
            } else {
                ModelWriter.write(output, decoder, tokenizer, modelConfig(config), DType.BF16);
            }
        }

        /** That of a new decoder, or of the one that was trained further. */
        private static ObjectNode modelConfig(StageConfig config) throws IOException {
            if (config.has("model_config")) {
                return (ObjectNode) config.object("model_config");
            }
            Path file = ModelFolder.resolve(config.text("model_name_or_path")).resolve("config.json");
            return (ObjectNode) new JsonMapper().readTree(file.toFile());
        }

        @Override
        public void close() {
            if (head != null) {
                head.close();
            }
            if (adapter != null) {
                adapter.close();
            }
            decoder.close();
            tokenizer.close();
        }
    }
}
