package io.github.llm2vec4j.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads whole files of texts, for what needs all of them at once. */
public final class TextFiles {
    private TextFiles() {}

    /**
     * All texts of the files that are not blank: of a plain text each line, of a table the columns of these names, those
     * that it has.
     *
     * @throws BadDataException naming the file and the line, if one is missing, damaged or not UTF-8 text
     */
    public static List<String> texts(List<Path> files, List<String> columns) {
        List<String> texts = new ArrayList<>();
        try (Texts all = new Texts(files, Texts.Selection.of(columns))) {
            all.forEachRemaining(texts::add);
        }
        return texts;
    }

    /**
     * All lines of a file, empty ones too, whatever its ending; it may be packed.
     *
     * @throws BadDataException naming the file and the line, if it is missing, damaged or not UTF-8 text
     */
    public static List<String> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadDataException(
                    file + (Files.isDirectory(file) ? ": expected a file, found a folder" : ": no such file"));
        }
        try {
            return lines(file.toString(), TableFormat.open(file));
        } catch (IOException e) {
            throw new BadDataException(file + ": cannot be read: " + e.getMessage());
        }
    }

    /** All lines of a stream, which is closed; {@code name} stands for it in errors. */
    public static List<String> lines(String name, InputStream stream) {
        List<String> lines = new ArrayList<>();
        try (Table table = Table.of(name, stream, TableFormat.TEXT)) {
            for (Row row = table.next(); row != null; row = table.next()) {
                String line = row.text(TableFormat.TEXT_COLUMN);
                lines.add(line == null ? "" : line);
            }
        }
        return lines;
    }
}
