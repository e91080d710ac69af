package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Reads rows of text: a line each of {@code .txt}, an object a line of {@code .jsonl}, tab-separated {@code .tsv}. */
public final class TextFiles {
    private static final JsonMapper JSON = new JsonMapper();

    private TextFiles() {}

    /** Opens what is read. */
    @FunctionalInterface
    private interface Opener {
        InputStream open() throws IOException;
    }

    /** Handles one line. */
    @FunctionalInterface
    private interface LineHandler {
        void line(int number, String text);
    }

    /**
     * All texts of the files that are not blank: of {@code .txt} (or {@code .txt.gz}) each line, of {@code .jsonl} the
     * fields of that name, those that a line has.
     *
     * @throws BadDataException naming the file and the line, if one is missing, damaged or not UTF-8 text
     */
    public static List<String> texts(List<Path> files, List<String> fields) {
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            if (kind(file).equals("jsonl")) {
                read(file, (number, line) -> {
                    JsonNode row = object(file, number, line);
                    for (String field : fields) {
                        if (row.path(field).isTextual()
                                && !row.get(field).asText().isBlank()) {
                            texts.add(row.get(field).asText());
                        }
                    }
                });
            } else {
                read(file, (number, line) -> {
                    if (!line.isBlank()) {
                        texts.add(line);
                    }
                });
            }
        }
        if (texts.isEmpty()) {
            throw new BadDataException(files + ": no text was found");
        }
        return texts;
    }

    /**
     * All lines of a text file, blank ones too, so that line n of what is made of them is line n of the file.
     *
     * @throws BadDataException if it is missing, damaged or not UTF-8 text
     */
    public static List<String> lines(Path file) {
        List<String> lines = new ArrayList<>();
        read(file, (number, line) -> lines.add(line));
        return lines;
    }

    /** All lines of a stream, as of a file; {@code name} stands for it in errors. It is closed at its end. */
    public static List<String> lines(String name, InputStream stream) {
        List<String> lines = new ArrayList<>();
        read(name, () -> stream, (number, line) -> lines.add(line));
        return lines;
    }

    /**
     * The texts of one field of a {@code .jsonl} file, in the order of its lines.
     *
     * @throws BadDataException naming the line, if one lacks the field
     */
    public static List<String> field(Path file, String field) {
        List<String> texts = new ArrayList<>();
        read(file, (number, line) -> texts.add(field(file.toString(), number, line, field)));
        return texts;
    }

    /** As {@link #field(Path, String)}, of a stream; {@code name} stands for it in errors. It is closed at its end. */
    public static List<String> field(String name, InputStream stream, String field) {
        List<String> texts = new ArrayList<>();
        read(name, () -> stream, (number, line) -> texts.add(field(name, number, line, field)));
        return texts;
    }

    private static String field(String source, int number, String line, String field) {
        JsonNode value = object(source, number, line).path(field);
        if (!value.isTextual()) {
            throw new BadDataException(source + " line " + number + ": expected a text in field '" + field + "', found "
                    + (value.isMissingNode() ? "no such field" : value));
        }
        return value.asText();
    }

    /**
     * The rows of {@code .jsonl} (by field) or {@code .tsv} (by column) files.
     *
     * @param columns names for the columns of a tab-separated file, in order
     * @param needed how many of them, from the first, each row of it has at least
     */
    public static List<Map<String, String>> rows(Path file, List<String> columns, int needed) {
        List<Map<String, String>> rows = new ArrayList<>();
        boolean json = kind(file).equals("jsonl");
        read(file, (number, line) -> {
            if (line.isBlank()) {
                return;
            }
            Map<String, String> row = new LinkedHashMap<>();
            if (json) {
                object(file, number, line)
                        .properties()
                        .forEach(e -> row.put(e.getKey(), e.getValue().asText()));
            } else {
                String[] cells = line.split("\t", -1);
                if (cells.length < needed || cells.length > columns.size()) {
                    throw new BadDataException(file + " line " + number + ": expected " + needed + " to "
                            + columns.size() + " tab-separated columns of " + columns + ", found " + cells.length);
                }
                for (int i = 0; i < cells.length; i++) {
                    row.put(columns.get(i), cells[i]);
                }
            }
            rows.add(row);
        });
        return rows;
    }

    private static String kind(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.gz$", "");
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static JsonNode object(Object source, int number, String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (node.isObject()) {
                return node;
            }
            throw new BadDataException(source + " line " + number + ": expected a JSON object");
        } catch (JsonProcessingException e) {
            throw new BadDataException(source + " line " + number + ": not valid JSON: " + e.getOriginalMessage());
        }
    }

    private static void read(Path file, LineHandler handler) {
        if (!Files.isRegularFile(file)) {
            throw new BadDataException(
                    file + (Files.isDirectory(file) ? ": expected a file, found a folder" : ": no such file"));
        }
        read(file, () -> open(file), handler);
    }

    /** Each line is decoded by itself, so that an error can name it: a reader decodes ahead. */
    private static void read(Object source, Opener opener, LineHandler handler) {
        int number = 0;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(opener.open(), StandardCharsets.ISO_8859_1))) {
            for (String bytes = reader.readLine(); bytes != null; bytes = reader.readLine()) {
                number++;
                String line = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                        .toString();
                String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
                if (text.indexOf('\0') >= 0) {
                    throw new BadDataException(
                            source + " line " + number + ": holds a null byte: it is not a text file");
                }
                handler.line(number, text);
            }
        } catch (CharacterCodingException e) {
            throw new BadDataException(source + " line " + number + ": not valid UTF-8");
        } catch (IOException e) {
            throw new BadDataException(source + " after line " + number + ": cannot be read: " + e.getMessage());
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        if (!file.toString().endsWith(".gz")) {
            return in;
        }
        try {
            return new GZIPInputStream(in, 1 << 16);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
