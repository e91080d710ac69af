package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** When a run began and how long it has worked, without the time in which it was stopped. */
final class RunClock {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final Instant started;
    private final Duration before;
    private final long since = System.nanoTime();

    private RunClock(Path file, Instant started, Duration before) {
        this.file = file;
        this.started = started;
        this.before = before;
    }

    static RunClock start(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return new RunClock(file, Instant.now(), Duration.ZERO);
        }
        try {
            JsonNode stored = JSON.readTree(file.toFile());
            return new RunClock(
                    file,
                    Instant.parse(stored.path("started").asText()),
                    Duration.ofMillis(stored.path("worked_millis").asLong()));
        } catch (JsonProcessingException | DateTimeParseException e) {
            throw new ConfigException(file + ": is damaged: delete it, and the run goes on with its clock at zero");
        }
    }

    Instant started() {
        return started;
    }

    Duration worked() {
        return before.plusNanos(System.nanoTime() - since);
    }

    void save() throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("started", started.toString());
        json.put("worked_millis", worked().toMillis());
        AtomicFiles.writeString(file, json.toPrettyString() + "\n");
    }
}
