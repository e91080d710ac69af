package io.github.llm2vec4j.training.data;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * The texts of files, one after the other, of which no more than those of one row are held. A row without a text is passed
 * over and counted.
 */
public final class Texts implements Iterator<String>, AutoCloseable {
    private final List<TableSource> tables;
    private final Selection selection;
    private final TableRows rows;
    private final Deque<String> ahead = new ArrayDeque<>();
    private List<String> columns = List.of();
    private Set<String> firstColumns = Set.of();
    private long rowCount;
    private long empty;
    private long texts;

    /**
     * What is taken of the files.
     *
     * @param columns whose texts are taken, those of a row in this order; of a plain text file each line is
     * @param range which rows
     * @param mostCharacters longer texts are cut into pieces ({@link TextPieces}) of at most so many; 0 for never
     */
    public record Selection(List<String> columns, RowRange range, int mostCharacters) {
        public static Selection of(List<String> columns) {
            return new Selection(columns, RowRange.ALL, 0);
        }

        public Selection {
            columns = List.copyOf(columns);
        }
    }

    /** Opens the first file when the first text is asked for. */
    public Texts(List<Path> files, Selection selection) {
        this(selection, DataSet.ofEach(files));
    }

    /** Reads data sets one after the other. */
    public Texts(Selection selection, List<DataSet> sets) {
        this.tables = DataSet.tables(sets);
        this.selection = selection;
        this.rows = new TableRows(tables, selection.range(), this::opened);
    }

    private void opened(Table table) {
        if (table instanceof TextTable) {
            columns = List.of(TableFormat.TEXT_COLUMN);
            return;
        }
        List<String> there = table.columns();
        columns = there == null
                ? selection.columns()
                : selection.columns().stream().filter(there::contains).toList();
        if (columns.isEmpty()) {
            table.need(selection.columns());
        }
        table.select(columns);
    }

    /** @throws BadDataException also at the end, if there was no text at all */
    @Override
    public boolean hasNext() {
        while (ahead.isEmpty() && rows.hasNext()) {
            take(rows.next());
        }
        if (ahead.isEmpty() && texts == 0) {
            throw new BadDataException(tables.stream().map(TableSource::name).toList() + ": no text was found"
                    + (rowCount == 0 ? "" : " in " + rowCount + " rows, whose columns are " + firstColumns));
        }
        return !ahead.isEmpty();
    }

    private void take(Row row) {
        firstColumns = rowCount == 0 ? row.values().keySet() : firstColumns;
        rowCount++;
        for (String column : columns) {
            for (String text : row.texts(column)) {
                if (selection.mostCharacters() > 0) {
                    ahead.addAll(TextPieces.of(text, selection.mostCharacters()));
                } else if (!text.isBlank()) {
                    ahead.add(text);
                }
            }
        }
        empty += ahead.isEmpty() ? 1 : 0;
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        texts++;
        return ahead.remove();
    }

    /** Rows read so far. */
    public long rows() {
        return rowCount;
    }

    /** Of these, how many had no text. */
    public long empty() {
        return empty;
    }

    /** Texts given so far. */
    public long texts() {
        return texts;
    }

    @Override
    public void close() {
        rows.close();
    }
}
