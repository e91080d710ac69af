package io.github.llm2vec4j.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are read one after the other, of which no more than one is held. Rows are counted from the first after a line
 * of names, empty ones too.
 *
 * <p>Whatever is damaged is a {@link BadDataException} that names the file and the line or row.
 */
public abstract class Table implements AutoCloseable {
    /** The longest line or cell. It is held whole, several times over while it is taken apart. */
    static final int MOST_BYTES = 16 << 20;

    private final String source;

    Table(String source) {
        this.source = source;
    }

    /**
     * Opens a file, in the format of its ending.
     *
     * @throws BadDataException if there is no such file, or it does not begin as its format does
     */
    public static Table open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadDataException(
                    file + (Files.isDirectory(file) ? ": expected a file, found a folder" : ": no such file"));
        }
        TableFormat format = TableFormat.of(file);
        if (format == TableFormat.PARQUET) {
            return new ParquetTable(file);
        }
        try {
            return of(file.toString(), TableFormat.open(file), format);
        } catch (IOException e) {
            throw new BadDataException(file + ": cannot be read: " + e.getMessage());
        }
    }

    /** Reads a stream, which is closed with the table; {@code name} stands for it in errors. */
    public static Table of(String name, InputStream stream, TableFormat format) {
        return switch (format) {
            case TEXT -> new TextTable(name, stream);
            case JSON_LINES -> new JsonLinesTable(name, stream);
            case CSV, TSV -> new DelimitedTable(name, stream, format);
            case PARQUET -> throw new BadDataException(name + ": Parquet is read from its end: it needs a file");
        };
    }

    /** The names of the columns, in their order; null for JSON lines, where each row has its own. */
    public abstract @Nullable List<String> columns();

    /** The next row, or null at the end. */
    public abstract @Nullable Row next();

    /**
     * Passes over rows from the next one on, where that is less work than reading them.
     *
     * @param most how many may be left out
     * @return how many were
     */
    public long skip(long most) {
        return 0;
    }

    /** Leaves the other columns out, where that saves work. */
    public void select(Collection<String> names) {}

    /**
     * Makes sure that the columns are there, as far as that is known before rows are read.
     *
     * @throws BadDataException naming a column that is missing, and those there are
     */
    public void need(Collection<String> names) {
        List<String> there = columns();
        for (String name : names) {
            if (there != null && !there.contains(name)) {
                throw new BadDataException(source + ": has no column '" + name + "'; there are " + there);
            }
        }
    }

    String source() {
        return source;
    }

    BadDataException unreadable(String after, Exception cause) {
        return new BadDataException(source + after + ": cannot be read: " + cause.getMessage());
    }

    @Override
    public abstract void close();
}
