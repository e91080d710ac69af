package io.github.llm2vec4j.training.data;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The rows of several tables, one after the other. No row after the last of the range is read. */
final class TableRows implements Iterator<Row>, AutoCloseable {
    private final Iterator<TableSource> tables;
    private final RowRange range;
    private final Consumer<Table> opened;
    private @Nullable Table table;
    private @Nullable Row ahead;
    private long read;

    /**
     * @param opened is told of each table before its first row is read
     */
    TableRows(List<TableSource> tables, RowRange range, Consumer<Table> opened) {
        this.tables = tables.iterator();
        this.range = range;
        this.opened = opened;
    }

    @Override
    public boolean hasNext() {
        while (ahead == null && read < range.to()) {
            if (table == null) {
                if (!tables.hasNext()) {
                    return false;
                }
                table = tables.next().open();
                opened.accept(table);
                read += table.skip(Math.max(0, range.from() - read));
            }
            Row row = table.next();
            if (row == null) {
                close();
                continue;
            }
            read++;
            ahead = read > range.from() ? row : null;
        }
        return ahead != null;
    }

    @Override
    public Row next() {
        if (!hasNext() || ahead == null) {
            throw new NoSuchElementException();
        }
        Row row = ahead;
        ahead = null;
        return row;
    }

    @Override
    public void close() {
        if (table != null) {
            table.close();
            table = null;
        }
    }
}
