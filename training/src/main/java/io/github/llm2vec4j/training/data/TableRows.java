package io.github.llm2vec4j.training.data;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The rows of several tables, one after the other. No row after the last of the range is read. */
final class TableRows implements Iterator<Row>, AutoCloseable {
    private final Iterator<Path> files;
    private final RowRange range;
    private final BiConsumer<Path, Table> opened;
    private @Nullable Table table;
    private @Nullable Row ahead;
    private long read;

    /**
     * @param opened is told of each table before its first row is read
     */
    TableRows(List<Path> files, RowRange range, BiConsumer<Path, Table> opened) {
        this.files = files.iterator();
        this.range = range;
        this.opened = opened;
    }

    @Override
    public boolean hasNext() {
        while (ahead == null && read < range.to()) {
            if (table == null) {
                if (!files.hasNext()) {
                    return false;
                }
                Path file = files.next();
                table = Table.open(file);
                opened.accept(file, table);
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
