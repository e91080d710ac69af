package io.github.llm2vec4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.data.Row;
import io.github.llm2vec4j.training.data.Table;
import io.github.llm2vec4j.training.data.TableFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The texts that are to be encoded, read a part at a time. A row without a text gives the empty text, and is counted. */
final class EncodeInput implements AutoCloseable {
    private final Table table;
    private final String column;
    private final List<String> keep;
    private long rows;
    private long empty;

    private EncodeInput(Table table, String column, List<String> keep) {
        this.table = table;
        this.column = column;
        this.keep = keep;
        List<String> needed = new ArrayList<>(keep);
        needed.add(column);
        try {
            table.need(needed);
        } catch (RuntimeException e) {
            table.close();
            throw e;
        }
        table.select(needed);
    }

    /**
     * Opens a file, or standard input for {@code -}.
     *
     * @param field the column of the texts; null for {@code text}, and standard input is read line by line then
     * @param keep columns that are kept beside the vectors
     */
    static EncodeInput open(String name, @Nullable String field, List<String> keep) {
        TableFormat format = name.equals("-")
                ? (field == null ? TableFormat.TEXT : TableFormat.JSON_LINES)
                : TableFormat.of(Path.of(name));
        if (format == TableFormat.TEXT && (field != null || !keep.isEmpty())) {
            throw new ConfigException((field == null ? "--keep " + String.join(",", keep) : "--field " + field)
                    + ": a plain text has no columns: expected a .jsonl, .csv, .tsv or .parquet file, found --in "
                    + name);
        }
        Table table = name.equals("-") ? Table.of("standard input", System.in, format) : Table.open(Path.of(name));
        return new EncodeInput(table, field == null ? TableFormat.TEXT_COLUMN : field, keep);
    }

    /**
     * Some rows.
     *
     * @param kept for each text the values of the columns that are kept
     */
    record Part(List<String> texts, List<Map<String, JsonNode>> kept) {}

    /** The next rows: so many, or fewer if they have as many characters before; none at the end. */
    Part next(int mostRows, long mostCharacters) {
        Part part = new Part(new ArrayList<>(), new ArrayList<>());
        long characters = 0;
        while (part.texts.size() < mostRows && characters < mostCharacters) {
            Row row = table.next();
            if (row == null) {
                break;
            }
            String text = row.neededText(column);
            rows++;
            empty += text == null ? 1 : 0;
            part.texts.add(text == null ? "" : text);
            characters += part.texts.get(part.texts.size() - 1).length();
            part.kept.add(kept(row));
        }
        return part;
    }

    private Map<String, JsonNode> kept(Row row) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (String name : keep) {
            JsonNode value = row.value(name);
            values.put(name, value.isMissingNode() ? NullNode.getInstance() : value);
        }
        return values;
    }

    /** All that is left. */
    List<String> texts() {
        return next(Integer.MAX_VALUE, Long.MAX_VALUE).texts;
    }

    /** Rows read so far. */
    long rows() {
        return rows;
    }

    /** Of these, how many had no text. */
    long empty() {
        return empty;
    }

    @Override
    public void close() {
        table.close();
    }
}
