package io.github.llm2vec4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes {@code log.jsonl}: one object a step ({@code step, loss, grad_norm, learning_rate, tokens, seconds}) and one a
 * scoring ({@code step, eval_…}). A number that is not finite is written as null. When a run goes on from a checkpoint,
 * later lines of before are dropped; one that begins afresh drops them all.
 */
public final class TrainingLog implements TrainingListener {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    public TrainingLog(Path file) {
        this.file = file;
    }

    @Override
    public void started(long step, long steps) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            StringBuilder kept = new StringBuilder();
            for (JsonNode line : read(file)) {
                if (step > 0 && line.path("step").asLong() <= step) {
                    kept.append(line).append('\n');
                }
            }
            AtomicFiles.writeString(file, kept.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void stepEnded(Step step) {
        ObjectNode node = JSON.createObjectNode();
        node.put("step", step.number());
        putFinite(node, "loss", step.loss());
        putFinite(node, "grad_norm", step.gradientNorm());
        node.put("learning_rate", step.learningRate());
        node.put("tokens", step.tokens());
        node.put("seconds", step.seconds());
        append(node);
    }

    @Override
    public void evaluated(long step, Map<String, Double> scores) {
        ObjectNode node = JSON.createObjectNode();
        node.put("step", step);
        scores.forEach((name, score) -> putFinite(node, name, score));
        append(node);
    }

    private static void putFinite(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    private void append(ObjectNode node) {
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            out.write(node.toString());
            out.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** The lines of a log, as far as they are whole; none where there is no file. */
    public static List<JsonNode> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            List<JsonNode> lines = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                if (line.endsWith("}")) {
                    lines.add(JSON.readTree(line));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
