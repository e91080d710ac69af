package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.PendingFile;
import io.github.llm2vec4j.core.encoder.VectorWriter;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Vectors as the column {@code embedding}, a list of numbers, of a Parquet file, after the columns that are kept. Rows are
 * collected in a DuckDB file beside the target, so that memory does not grow with their number, and copied at the end,
 * when it is known of what type the values of a column are.
 */
public final class ParquetVectorWriter implements VectorWriter {
    /** The name of the vectors' column. */
    public static final String EMBEDDING = "embedding";

    private static final int GROUP_BYTES = 16 << 20;
    private static final int LEAST_GROUP = 2048;
    private static final int LARGEST_GROUP = 122_880;

    /** What the values of a column have been so far, but for nulls. */
    private enum Kind {
        TEXT,
        INTEGER,
        NUMBER,
        BOOLEAN,
        OTHER;

        static Kind of(JsonNode value) {
            if (value.isTextual()) {
                return TEXT;
            }
            if (value.isIntegralNumber() && value.canConvertToLong()) {
                return INTEGER;
            }
            return value.isNumber() ? NUMBER : value.isBoolean() ? BOOLEAN : OTHER;
        }

        /** The type that holds all values of these kinds; JSON as a text where there is none. */
        static String type(Set<Kind> kinds) {
            if (kinds.equals(EnumSet.of(INTEGER))) {
                return "BIGINT";
            }
            if (!kinds.isEmpty() && EnumSet.of(INTEGER, NUMBER).containsAll(kinds)) {
                return "DOUBLE";
            }
            return kinds.equals(EnumSet.of(BOOLEAN)) ? "BOOLEAN" : "VARCHAR";
        }
    }

    private final Path target;
    private final DType type;
    private final List<String> kept;
    private final List<Set<Kind>> kinds;
    private final PendingFile pending;
    private final PendingFile collected;
    private final Connection connection;
    private final DuckDBAppender rows;
    private int length = 1;

    /**
     * @param type of a value: {@code F32}, {@code I8} or {@code U8}
     * @param kept the names of the columns that each row brings
     */
    public ParquetVectorWriter(Path file, DType type, List<String> kept) throws IOException {
        this.target = file;
        this.type = type;
        this.kept = List.copyOf(kept);
        kinds = kept.stream()
                .map(name -> (Set<Kind>) EnumSet.noneOf(Kind.class))
                .toList();
        pending = PendingFile.beside(file);
        collected = PendingFile.beside(file.resolveSibling(file.getFileName() + ".duckdb"));
        try {
            connection = DuckDb.open(collected.path(), pending.path());
        } catch (SQLException e) {
            throw unwritable(e);
        }
        try {
            String columns = IntStream.range(0, kept.size())
                    .mapToObj(i -> "kept" + i + " VARCHAR, ")
                    .collect(Collectors.joining());
            execute("CREATE TABLE collected (" + columns + "vector " + (type == DType.F32 ? "FLOAT[]" : "SMALLINT[]")
                    + ")");
            rows = connection.unwrap(DuckDBConnection.class).createAppender("collected");
        } catch (SQLException e) {
            IOException failure = unwritable(e);
            closeConnection();
            deleteCollected();
            throw failure;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private IOException unwritable(SQLException cause) {
        return new IOException(target + ": cannot be written: " + DuckDb.reason(cause), cause);
    }

    @Override
    public void add(String text, Map<String, JsonNode> values, float[] vector) throws IOException {
        try {
            begin(values);
            rows.append(vector).endRow();
            length = vector.length;
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void add(String text, Map<String, JsonNode> values, byte[] vector) throws IOException {
        short[] wide = new short[vector.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (short) (type == DType.U8 ? Byte.toUnsignedInt(vector[i]) : vector[i]);
        }
        try {
            begin(values);
            rows.append(wide).endRow();
            length = vector.length;
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    private void begin(Map<String, JsonNode> values) throws SQLException {
        rows.beginRow();
        for (int i = 0; i < kept.size(); i++) {
            JsonNode value = values.get(kept.get(i));
            if (value == null || value.isNull() || value.isMissingNode()) {
                rows.appendNull();
            } else {
                kinds.get(i).add(Kind.of(value));
                rows.append(value.isTextual() ? value.asText() : value.toString());
            }
        }
    }

    @Override
    public void finish() throws IOException {
        String columns = IntStream.range(0, kept.size())
                .mapToObj(i ->
                        "CAST(kept" + i + " AS " + Kind.type(kinds.get(i)) + ") AS " + DuckDb.name(kept.get(i)) + ", ")
                .collect(Collectors.joining());
        String element = type == DType.F32 ? "FLOAT" : type == DType.U8 ? "UTINYINT" : "TINYINT";
        int group = Math.max(LEAST_GROUP, Math.min(LARGEST_GROUP, GROUP_BYTES / (Float.BYTES * length)));
        try {
            rows.close();
            execute("COPY (SELECT " + columns + "CAST(vector AS " + element + "[]) AS " + EMBEDDING
                    + " FROM collected) TO " + DuckDb.text(pending.path().toString())
                    + " (FORMAT parquet, USE_TMP_FILE false, ROW_GROUP_SIZE " + group + ")");
        } catch (SQLException e) {
            throw unwritable(e);
        }
        pending.commit();
    }

    private void closeConnection() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    private void deleteCollected() throws IOException {
        collected.close();
        Path name = collected.path();
        Files.deleteIfExists(name.resolveSibling(name.getFileName() + ".wal"));
        pending.close();
    }

    @Override
    public void close() throws IOException {
        try {
            closeConnection();
        } finally {
            deleteCollected();
        }
    }
}
