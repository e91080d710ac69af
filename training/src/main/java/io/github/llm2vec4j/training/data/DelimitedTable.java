package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.github.llm2vec4j.core.hub.HubException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Comma- or tab-separated rows under a line of names. An empty cell is null. The bytes are parted as Latin-1, and each
 * cell is decoded by itself, so that an error can name its line.
 */
final class DelimitedTable extends Table {
    private static final CsvMapper CSV = CsvMapper.builder(CsvFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MOST_BYTES)
                            .build())
                    .build())
            .enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .build();
    private static final CsvSchema COMMAS = CsvSchema.emptySchema().withLineSeparator("\n");
    private static final CsvSchema TABS = COMMAS.withColumnSeparator('\t').withoutQuoteChar();
    private static final String BYTE_ORDER_MARK =
            new String("\uFEFF".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

    private final Reader reader;
    private final MappingIterator<String[]> rows;
    private final TableFormat format;
    private List<String> columns;
    private String @Nullable [] unread;
    private long line;

    DelimitedTable(String source, InputStream stream, TableFormat format) {
        super(source);
        this.format = format;
        reader = new InputStreamReader(stream, StandardCharsets.ISO_8859_1);
        try {
            rows = CSV.readerFor(String[].class)
                    .with(format == TableFormat.TSV ? TABS : COMMAS)
                    .readValues(reader);
            String[] names = cells();
            if (names == null) {
                throw new BadDataException(source + ": is empty: expected a line of column names");
            }
            if (names[0].startsWith(BYTE_ORDER_MARK)) {
                names[0] = names[0].substring(BYTE_ORDER_MARK.length());
            }
            columns = decoded(names);
        } catch (IOException e) {
            close();
            throw unreadable("", e);
        } catch (BadDataException e) {
            close();
            throw e;
        }
    }

    private List<String> decoded(String[] names) {
        List<String> result = java.util.Arrays.stream(names).map(this::decode).toList();
        Set<String> seen = new HashSet<>();
        for (String name : result) {
            if (!seen.add(name)) {
                throw new BadDataException(place() + ": two columns are called '" + name + "': rename one");
            }
        }
        return result;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    boolean isTabSeparated() {
        return format == TableFormat.TSV;
    }

    /** Takes the first line for a row too, under the first of these names, as many as it has cells. */
    void withoutNames(List<String> names, int needed) {
        int count = columns.size();
        if (count < needed || count > names.size()) {
            throw new BadDataException(place() + ": expected " + needed + " to " + names.size() + " columns of " + names
                    + ", found " + count);
        }
        unread = columns.stream()
                .map(cell -> new String(cell.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .toArray(String[]::new);
        columns = names.subList(0, count);
    }

    @Override
    public @Nullable Row next() {
        String[] cells = unread == null ? cells() : unread;
        unread = null;
        while (cells != null && cells.length == 1 && cells[0].isEmpty() && columns.size() > 1) {
            cells = cells(); // an empty line
        }
        if (cells == null) {
            return null;
        }
        if (cells.length != columns.size()) {
            throw new BadDataException(
                    place() + ": expected " + columns.size() + " cells as in the first line, found " + cells.length);
        }
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i++) {
            values.put(
                    columns.get(i), cells[i].isEmpty() ? NullNode.getInstance() : TextNode.valueOf(decode(cells[i])));
        }
        return new Row(place(), values);
    }

    private String decode(String bytes) {
        return Lines.decode(bytes.getBytes(StandardCharsets.ISO_8859_1), place());
    }

    private String place() {
        return source() + " line " + line;
    }

    /** The next row, which begins at {@link #line}. */
    private String @Nullable [] cells() {
        line = rows.getCurrentLocation().getLineNr();
        try {
            return rows.hasNextValue() ? rows.nextValue() : null;
        } catch (IOException | RuntimeJsonMappingException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof HubException refused) {
                    throw refused;
                }
            }
            String said = String.valueOf(e.getMessage());
            if (said.contains("Missing closing quote")) {
                throw new BadDataException(place() + ": a quote is opened and never closed");
            }
            if (said.contains("exceeds the maximum")) {
                throw new BadDataException(place() + ": a cell is longer than " + (MOST_BYTES >> 20)
                        + " MiB: is a quote opened and never closed?");
            }
            throw unreadable(" from line " + line, e);
        }
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw unreadable("", e);
        }
    }
}
