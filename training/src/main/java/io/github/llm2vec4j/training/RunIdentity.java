package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.hub.ModelFolder;
import io.github.llm2vec4j.training.data.TestTexts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the weights of a run follow from, part by part: the stage and its settings, how a batch is dealt out, the type
 * that is computed in, and the content of the files that are read. A run goes on only from a checkpoint of the same.
 *
 * @param parts name of a part to its value
 */
record RunIdentity(SortedMap<String, String> parts) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Settings that say where and how often to write; the weights do not follow from them. */
    static final List<String> WITHOUT_EFFECT = List.of(
            "output_dir",
            "overwrite_output_dir",
            "save_steps",
            "save_total_limit",
            "eval_steps",
            "logging_dir",
            "report_to");

    /** A large file is known by its length and some pieces of this length. */
    private static final int PIECE_BYTES = 4 << 20;

    private static final int WEIGHT_PIECES = 3;
    private static final int DATA_PIECES = 16;

    /** Data up to this is read as a whole; of more, a run may read only the first rows. */
    private static final long WHOLE_DATA_BYTES = 256L << 20;

    static RunIdentity of(StageKind kind, StageConfig config, int workers, String computeType, TestTexts tests)
            throws IOException {
        SortedMap<String, String> parts = new TreeMap<>();
        config.toJson().properties().forEach(setting -> {
            if (!setting.getValue().isNull()) {
                parts.put(setting.getKey(), setting.getValue().toString());
            }
        });
        parts.keySet().removeAll(WITHOUT_EFFECT);
        if (config.goesByScores() && config.has("eval_steps")) {
            parts.put("eval_steps", String.valueOf(config.integer("eval_steps", 0)));
        }
        parts.keySet().removeAll(config.ignored());
        parts.put("stage", kind.toString());
        parts.put("workers", String.valueOf(workers));
        parts.put("compute type", computeType);
        if (StageData.dropsTestTexts(config)) {
            parts.put("test texts that are dropped", Long.toHexString(tests.fingerprint()));
        }
        HubSource hub = HubSource.of(config);
        for (String key : List.of("train_file", "eval_file", hub == null ? "dataset_file_path" : "train_file")) {
            for (Path file : StageData.files(config, key)) {
                parts.put("content of " + file, Files.isRegularFile(file) ? ofData(file) : "none");
            }
        }
        if (hub != null) {
            parts.put("content of datasets/" + hub.name(), hub.content());
        }
        for (String key : List.of("model_name_or_path", "tokenizer_path")) {
            if (config.has(key)) {
                parts.put("content of " + config.text(key), model(ModelFolder.resolve(config.text(key))));
            }
        }
        for (Path named : Foundation.further(config)) {
            parts.put("content of " + named, model(ModelFolder.adapter(named)));
        }
        return new RunIdentity(parts);
    }

    /** The checksum of a file of data; of a large one that of its length and pieces. */
    static String ofData(Path file) throws IOException {
        return content(file, WHOLE_DATA_BYTES, DATA_PIECES);
    }

    /** Whether {@link #ofData} is that of the whole file. */
    static boolean isWhole(Path file) throws IOException {
        return Files.size(file) <= WHOLE_DATA_BYTES;
    }

    static RunIdentity of(JsonNode json) {
        SortedMap<String, String> parts = new TreeMap<>();
        json.properties()
                .forEach(part -> parts.put(part.getKey(), part.getValue().asText()));
        return new RunIdentity(parts);
    }

    ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        parts.forEach(json::put);
        return json;
    }

    /** One checksum of all parts. */
    String fingerprint() {
        return Sha256.ofText(toJson().toString());
    }

    /** The parts in which an earlier run differs, each with what it was and what it is. */
    List<String> differencesFrom(RunIdentity earlier) {
        List<String> found = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(parts.keySet());
        names.addAll(earlier.parts.keySet());
        for (String name : names) {
            String before = earlier.parts.get(name);
            String now = parts.get(name);
            if (!Objects.equals(before, now)) {
                found.add(name + " was " + shown(before) + " and is " + shown(now));
            }
        }
        return found;
    }

    private static String shown(@Nullable String value) {
        if (value == null) {
            return "not set";
        }
        return value.length() > 80 ? value.substring(0, 77) + "..." : value;
    }

    /** The files of a model or adapter that its outputs follow from; none where there is no folder. */
    private static String model(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return "none";
        }
        ObjectNode files = JSON.createObjectNode();
        try (Stream<Path> children = Files.list(folder)) {
            for (Path file : children.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".safetensors")) {
                    files.put(name, content(file, (long) WEIGHT_PIECES * PIECE_BYTES, WEIGHT_PIECES));
                } else if (name.matches("(config|adapter_config|tokenizer)\\.json")) {
                    files.put(name, Sha256.ofFile(file));
                }
            }
        }
        return Sha256.ofText(files.toString());
    }

    /** The checksum of a file of at most so many bytes; of a larger one that of its length and pieces, evenly apart. */
    private static String content(Path file, long wholeBytes, int pieceCount) throws IOException {
        long length = Files.size(file);
        if (length <= wholeBytes) {
            return Sha256.ofFile(file);
        }
        StringBuilder pieces = new StringBuilder().append(length);
        try (FileChannel channel = FileChannel.open(file)) {
            for (int i = 0; i < pieceCount; i++) {
                long from = (length - PIECE_BYTES) / (pieceCount - 1) * i;
                if (i == pieceCount - 1) {
                    from = length - PIECE_BYTES;
                }
                ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
                while (piece.hasRemaining() && channel.read(piece, from + piece.position()) > 0) {
                    // reads on until the piece is full
                }
                pieces.append(' ').append(Sha256.ofBytes(piece.array()));
            }
        }
        return Sha256.ofText(pieces.toString());
    }
}
