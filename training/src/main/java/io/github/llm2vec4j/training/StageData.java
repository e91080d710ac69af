package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.training.data.ContrastiveFiles;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import io.github.llm2vec4j.training.data.DataSet;
import io.github.llm2vec4j.training.data.InputFiles;
import io.github.llm2vec4j.training.data.Instructions;
import io.github.llm2vec4j.training.data.RowRange;
import io.github.llm2vec4j.training.data.TestTexts;
import io.github.llm2vec4j.training.data.Texts;
import io.github.llm2vec4j.training.data.TokenBlocks;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The data of a stage, read as its settings say, and how much of it there is. */
final class StageData {
    private static final Logger LOG = LoggerFactory.getLogger(StageData.class);

    /** The longest piece into which the reference cuts the texts of HeDC4 for SimCSE. */
    private static final int HEDC4_PIECE = 250;

    private final StageConfig config;
    private final Tokenizer tokenizer;
    private final TestTexts tests;
    private final Map<String, Long> counts = new LinkedHashMap<>();

    /** @param tests which texts to look for in what is trained on */
    StageData(StageConfig config, Tokenizer tokenizer, TestTexts tests) {
        this.config = config;
        this.tokenizer = tokenizer;
        this.tests = tests;
    }

    static boolean dropsTestTexts(StageConfig config) {
        return config.flag("drop_test_texts", false);
    }

    /** Looks whether a text of the training data holds one of the tests, and says whether it is trained on. */
    boolean isWanted(String text) {
        return isWanted(List.of(text));
    }

    private boolean isWanted(List<String> texts) {
        boolean test = false;
        for (String text : texts) {
            test |= tests.look(text);
        }
        return !(test && dropsTestTexts(config));
    }

    /** What was found of the tests, when all of the data has been read. */
    void countTests() {
        for (TestTexts.Overlap overlap : tests.overlaps()) {
            counts.put("test texts of " + overlap.set(), (long) overlap.found());
        }
        if (tests.textsWithOne() > 0) {
            LOG.warn(
                    "{}: {} training texts hold one that models are tested on ({}){}",
                    config.source(),
                    tests.textsWithOne(),
                    tests.overlaps().stream()
                            .filter(overlap -> overlap.found() > 0)
                            .map(overlap -> overlap.found() + " of " + overlap.set())
                            .collect(Collectors.joining(", ")),
                    dropsTestTexts(config) ? " and are dropped" : ": set drop_test_texts to drop them");
        }
    }

    /** How much was read: rows, texts, blocks; by name. */
    Map<String, Long> counts() {
        return counts;
    }

    /** The files of a setting, folders and patterns resolved. */
    static List<Path> files(StageConfig config, String key) {
        return InputFiles.of(config.files(key));
    }

    /** Files of this machine to train on. */
    static List<Path> trainFiles(StageConfig config) {
        List<Path> files = files(config, config.has("train_file") ? "train_file" : "dataset_file_path");
        if (files.isEmpty()) {
            throw new ConfigException(config.source() + ": train_file is missing: name the text to train on, or a data"
                    + " set on the hub in dataset_name");
        }
        return files;
    }

    /** What a stage trains on: files of this machine, each a data set, or one of the hub. */
    static List<DataSet> trainSets(StageConfig config) {
        HubSource hub = HubSource.of(config);
        return hub == null ? DataSet.ofEach(trainFiles(config)) : List.of(hub.dataSet());
    }

    private List<DataSet> trainSets() {
        HubSource hub = HubSource.of(config);
        if (hub != null) {
            LOG.info("{}: reads datasets/{} of the hub, as far as is needed", config.source(), hub.name());
        }
        return trainSets(config);
    }

    /** Blocks to train on, and blocks that are held out. */
    record Blocks(TokenBlocks train, TokenBlocks heldOut) {}

    Blocks blocks(int length, boolean causal) {
        TokenBlocks.Packing train = new TokenBlocks.Packing(tokenizer, length, causal);
        TokenBlocks.Packing heldOut = new TokenBlocks.Packing(tokenizer, length, causal);
        int most = config.integer("validation_blocks", 64);
        double share = config.number("eval_fraction", 0);
        try (Texts texts = new Texts(selection(0), trainSets())) {
            texts.forEachRemaining(text -> {
                if (isHeldOut(text, share)) {
                    heldOut.add(text);
                } else if (isWanted(text)) {
                    train.add(text);
                }
            });
            count(texts);
        }
        Blocks blocks = new Blocks(train.blocks(), heldOut.blocks());
        if (config.has("eval_file")) {
            try (Texts texts = new Texts(files(config, "eval_file"), Texts.Selection.of(columns()))) {
                blocks = new Blocks(blocks.train, TokenBlocks.pack(texts, tokenizer, length, causal));
            }
        } else if (share > 0) {
            blocks = new Blocks(blocks.train, blocks.heldOut.range(0, Math.min(most, blocks.heldOut.count())));
        } else if (validation() != null && !causal) {
            blocks = new Blocks(blocks.train, validationBlocks(length, most));
        } else if (!causal) {
            int held = Math.min(blocks.train.count() / 20, most);
            blocks = new Blocks(blocks.train.range(held, blocks.train.count()), blocks.train.range(0, held));
        }
        counts.put("blocks", (long) blocks.train.count());
        counts.put("held-out blocks", (long) blocks.heldOut.count());
        return blocks;
    }

    private @Nullable DataSet validation() {
        HubSource hub = HubSource.of(config);
        return hub == null ? null : hub.validation();
    }

    /** The first blocks of the held-out text that the data set has. */
    private TokenBlocks validationBlocks(int length, int most) {
        TokenBlocks.Packing packing = new TokenBlocks.Packing(tokenizer, length, false);
        DataSet validation = Objects.requireNonNull(validation());
        try (Texts texts = new Texts(Texts.Selection.of(columns()), List.of(validation))) {
            while (packing.count() < most && texts.hasNext()) {
                packing.add(texts.next());
            }
        }
        TokenBlocks blocks = packing.blocks();
        return blocks.range(0, Math.min(most, blocks.count()));
    }

    /** By a hash of the text, so that one text is on one side wherever it stands and whatever stands beside it. */
    static boolean isHeldOut(String text, double share) {
        if (share <= 0) {
            return false;
        }
        String normal = Normalizer.normalize(text, Normalizer.Form.NFC).strip();
        return Long.parseLong(Sha256.ofText("held-out\0" + normal).substring(0, 13), 16) < share * (1L << 52);
    }

    /** Each text twice. */
    ContrastiveRows texts(int length) {
        boolean isHedc4 = HubSource.isHedc4(config.text("dataset_name", ""));
        int piece = config.integer("chunk_characters", isHedc4 ? HEDC4_PIECE : 0);
        try (Texts texts = new Texts(selection(piece), trainSets())) {
            ContrastiveRows rows =
                    ContrastiveRows.ofTexts(texts, this::isWanted, tokenizer, ModelWriter.template(config), length);
            count(texts);
            return rows;
        }
    }

    private Texts.Selection selection(int piece) {
        return new Texts.Selection(columns(), range(), piece);
    }

    private RowRange range() {
        return range(config);
    }

    /** The rows that are trained on. */
    static RowRange range(StageConfig config) {
        long from = config.integer("dataset_start_index", 0);
        long to = config.has("dataset_limit") ? config.integer("dataset_limit", 0) : Long.MAX_VALUE;
        if (config.has("dataset_number_of_rows")) {
            to = Math.min(to, from + config.integer("dataset_number_of_rows", 0));
        }
        if (to <= from) {
            throw new ConfigException(config.source() + ": dataset_limit: expected more than dataset_start_index, "
                    + from + ": it is the row to stop before, found " + to);
        }
        return new RowRange(from, to);
    }

    private List<String> columns() {
        return List.of(config.text("text_column", "text"));
    }

    private void count(Texts texts) {
        counts.put("rows", texts.rows());
        counts.put("rows without a text", texts.empty());
        counts.put("texts", texts.texts());
        if (texts.empty() > 0) {
            LOG.warn(
                    "{}: {} of {} rows have no text and are passed over", config.source(), texts.empty(), texts.rows());
        }
    }

    /** Pairs, triples and longer rows. */
    ContrastiveRows pairs(int length) {
        ContrastiveFiles.Columns names = ContrastiveFiles.Columns.DEFAULT;
        boolean filtered = config.has("false_negative_ratio");
        if (filtered && !config.has("negatives")) {
            throw new ConfigException(config.source() + ": false_negative_ratio leaves a row with fewer negatives than"
                    + " another: set negatives too");
        }
        ContrastiveFiles files = new ContrastiveFiles(
                new ContrastiveFiles.Columns(
                        config.text("query_column", names.query()),
                        config.text("positive_column", names.positive()),
                        config.texts("negative_column", names.negatives()),
                        config.text("scores_column", names.scores())),
                instructions(),
                config.has("negatives") ? config.integer("negatives", 0) : null,
                filtered ? config.number("false_negative_ratio", 0) : Double.POSITIVE_INFINITY);
        ContrastiveRows rows = files.read(
                trainSets(),
                range(),
                this::isWanted,
                ContrastiveRows.preparation(tokenizer, ModelWriter.template(config), length));
        counts.put("data sets", (long) rows.datasets().size());
        counts.put("rows", rows.datasets().stream().mapToLong(List::size).sum());
        counts.put(
                "texts in a row",
                rows.datasets().stream()
                        .flatMap(List::stream)
                        .mapToLong(row -> row.length)
                        .max()
                        .orElse(2));
        return rows;
    }

    private Instructions instructions() {
        String other = config.text("instruction", "");
        JsonNode named = config.has("instructions")
                ? config.object("instructions")
                : config.text("dataset_name", "").equals(HubSource.E5)
                        ? Instructions.ofE5()
                        : config.object("instructions");
        try {
            return Instructions.of(named, other);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(config.source() + ": instructions: " + e.getMessage());
        }
    }
}
