package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a task beside its data; kept in {@code tasks.json} among the resources.
 *
 * @param mteb the name of the same data in MTEB, or null where it has none
 * @param type MTEB's word for what is done: Classification, Retrieval, ...
 * @param languages as MTEB writes them, {@code heb-Hebr}
 * @param instructions language, {@code en} or {@code he}, to what an encoder may be told of the task
 * @param hub where its data is on the hub, or null where it is not read from there
 */
public record TaskCard(
        @Nullable String mteb,
        String type,
        List<String> languages,
        Map<String, String> instructions,
        @Nullable HubData hub) {
    /** The suite of the tasks on the hub. */
    public static final String HUB = "mteb";

    private static final String FILE = "tasks.json";
    private static final JsonMapper JSON = new JsonMapper();

    public TaskCard {
        languages = List.copyOf(languages);
        instructions = instructions == null ? Map.of() : Map.copyOf(instructions);
    }

    /** Task name to card, for all tasks of the Hebrew suites. */
    public static Map<String, TaskCard> all() {
        try (InputStream in = TaskCard.class.getResourceAsStream(FILE)) {
            return JSON.readValue(
                    Objects.requireNonNull(in, FILE), new TypeReference<LinkedHashMap<String, TaskCard>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + ": " + e.getMessage(), e);
        }
    }

    /** The tasks whose data is read from the hub, by MTEB's names. */
    public static Map<String, HubData> onHub() {
        Map<String, HubData> tasks = new LinkedHashMap<>();
        all().forEach((task, card) -> {
            HubData data = card.hub();
            if (data != null) {
                tasks.put(task, data);
            }
        });
        return tasks;
    }

    /** Task name to instruction in one language, {@code en} or {@code he}. */
    public static Map<String, String> instructions(String language) {
        Map<String, String> instructions = new LinkedHashMap<>();
        all().forEach((task, card) -> {
            String instruction = card.instructions().get(language);
            if (instruction != null) {
                instructions.put(task, instruction);
            }
        });
        if (instructions.isEmpty()) {
            throw new IllegalArgumentException("expected instructions in en or he, found " + language);
        }
        return instructions;
    }

    /**
     * Task name to instruction from a JSON file that names tasks as here or as in MTEB.
     *
     * @throws MalformedDataException when the file is not an object of strings
     */
    public static Map<String, String> instructions(Path file) {
        Map<String, String> given;
        try {
            given = JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new MalformedDataException(
                    file.toString(), 0, "a JSON object of task names and instructions", e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        Map<String, String> instructions = new LinkedHashMap<>(given);
        all().forEach((task, card) -> {
            String instruction = card.mteb() == null ? null : given.get(card.mteb());
            if (instruction != null) {
                instructions.putIfAbsent(task, instruction);
            }
        });
        return instructions;
    }
}
