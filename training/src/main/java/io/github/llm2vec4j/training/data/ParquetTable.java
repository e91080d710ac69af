package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.hub.RemoteFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a Parquet file, read by DuckDB, a group of rows at a time. A cell becomes the JSON that DuckDB makes of it. Of a
 * file on the hub a few groups are fetched at a time, more the more has been read; DuckDB sees a file with holes in it, and
 * reads only where there are none.
 */
final class ParquetTable extends Table {
    private final Path file;
    private final @Nullable RemoteFile remote;
    private final Connection connection;
    private final List<String> columns = new ArrayList<>();
    private final ParquetLayout layout;
    private List<String> selected;

    /** Groups before this one are read, or left out. */
    private int group;

    private long number;
    private @Nullable Statement statement;
    private @Nullable ResultSet rows;

    ParquetTable(Path file) {
        this(file.toString(), file, null);
    }

    ParquetTable(String name, RemoteFile remote) {
        this(name, remote.local(), remote);
    }

    private ParquetTable(String name, Path file, @Nullable RemoteFile remote) {
        super(name);
        this.file = file.toAbsolutePath();
        this.remote = remote;
        try {
            connection = DuckDb.open(this.file, null);
        } catch (SQLException e) {
            throw unreadable("", e);
        }
        try (Statement describe = connection.createStatement()) {
            if (remote != null) {
                ParquetLayout.fetchFooter(remote);
            }
            try (ResultSet result = describe.executeQuery("DESCRIBE SELECT * FROM " + source(this.file))) {
                while (result.next()) {
                    columns.add(result.getString("column_name"));
                }
            }
            layout = ParquetLayout.read(describe, this.file);
        } catch (SQLException e) {
            close();
            throw bad("", e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        selected = columns;
    }

    private static String source(Path file) {
        return "read_parquet(" + DuckDb.text(file.toString()) + ")";
    }

    private BadDataException bad(String after, SQLException failure) {
        return new BadDataException(source() + after + ": cannot be read as Parquet, is it whole? "
                + DuckDb.reason(failure).replace(file.toString(), "it"));
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public void select(Collection<String> names) {
        List<String> kept = columns.stream().filter(names::contains).toList();
        selected = kept.isEmpty() ? columns : kept;
    }

    @Override
    public long skip(long most) {
        long before = number;
        while (group < layout.groups().size()
                && number + layout.groups().get(group).rows() <= before + most) {
            number += layout.groups().get(group).rows();
            group++;
        }
        return number - before;
    }

    @Override
    public @Nullable Row next() {
        try {
            while (rows == null || !rows.next()) {
                closeRows();
                if (group == layout.groups().size()) {
                    return null;
                }
                openRows();
            }
            number++;
            return JsonLinesTable.row(source() + " row " + number, rows.getString(1));
        } catch (SQLException e) {
            throw bad(" after row " + number, e);
        }
    }

    /** Of the next groups: all, or of a file on the hub as many as are worth fetching. */
    private void openRows() throws SQLException {
        int end = remote == null ? layout.groups().size() : layout.fetch(remote, group, selected);
        String names = selected.stream().map(DuckDb::name).collect(Collectors.joining(", "));
        statement = connection.createStatement();
        rows = statement.executeQuery("SELECT CAST(to_json(row) AS VARCHAR) FROM (SELECT " + names
                + " FROM read_parquet(" + DuckDb.text(file.toString()) + ", file_row_number = true)"
                + " WHERE file_row_number >= " + number + " AND file_row_number < " + layout.firstRow(end)
                + ") AS row");
        group = end;
    }

    private void closeRows() throws SQLException {
        if (rows != null) {
            rows.close();
            rows = null;
        }
        if (statement != null) {
            statement.close();
            statement = null;
        }
    }

    @Override
    public void close() {
        try {
            closeRows();
            connection.close();
        } catch (SQLException e) {
            throw unreadable("", e);
        } finally {
            if (remote != null) {
                remote.close();
            }
        }
    }
}
