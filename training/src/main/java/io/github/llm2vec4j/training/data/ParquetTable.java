package io.github.llm2vec4j.training.data;

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

/** Rows of a Parquet file, read by DuckDB, a group of rows at a time. A cell becomes the JSON that DuckDB makes of it. */
final class ParquetTable extends Table {
    private final Path file;
    private final Connection connection;
    private final List<String> columns = new ArrayList<>();
    private List<String> selected;
    private long number;
    private @Nullable Statement statement;
    private @Nullable ResultSet rows;

    ParquetTable(Path file) {
        super(file.toString());
        this.file = file.toAbsolutePath();
        try {
            connection = DuckDb.open(this.file, null);
        } catch (SQLException e) {
            throw unreadable("", e);
        }
        try (Statement describe = connection.createStatement();
                ResultSet result = describe.executeQuery("DESCRIBE SELECT * FROM " + source(this.file))) {
            while (result.next()) {
                columns.add(result.getString("column_name"));
            }
        } catch (SQLException e) {
            close();
            throw bad("", e);
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
    public @Nullable Row next() {
        try {
            if (rows == null) {
                String names = selected.stream().map(DuckDb::name).collect(Collectors.joining(", "));
                statement = connection.createStatement();
                rows = statement.executeQuery("SELECT CAST(to_json(row) AS VARCHAR) FROM (SELECT " + names + " FROM "
                        + source(file) + ") AS row");
            }
            if (!rows.next()) {
                return null;
            }
            number++;
            return JsonLinesTable.row(source() + " row " + number, rows.getString(1));
        } catch (SQLException e) {
            throw bad(" after row " + number, e);
        }
    }

    @Override
    public void close() {
        try {
            if (rows != null) {
                rows.close();
            }
            if (statement != null) {
                statement.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw unreadable("", e);
        }
    }
}
