package io.github.llm2vec4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.PendingFile;
import io.github.llm2vec4j.core.encoder.VectorWriter;
import io.github.llm2vec4j.core.torch.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Vectors as the column {@code embedding}, a list of numbers, of a Parquet file, after the columns that are kept. Rows are
 * written to files of one group each beside the target, so that memory does not grow with their number, and put together
 * at the end, when it is known of what type the values of a column are.
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
    private final PendingFile parts;
    private final Connection connection;
    private final List<Path> written = new ArrayList<>();
    private @Nullable DuckDBAppender rows;
    private int inPart;
    private int rowsOfGroup = LARGEST_GROUP;

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
        parts = PendingFile.beside(file.resolveSibling(file.getFileName() + ".parts"));
        Files.createDirectory(parts.path());
        try {
            connection = DuckDb.open(pending.path(), parts.path());
        } catch (SQLException e) {
            deleteParts();
            throw unwritable(e);
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
            begin(values, vector.length).append(vector).endRow();
            end();
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
            begin(values, vector.length).append(wide).endRow();
            end();
        } catch (SQLException e) {
            throw unwritable(e);
        }
    }

    /** Begins a row with what is kept. */
    private DuckDBAppender begin(Map<String, JsonNode> values, int length) throws SQLException {
        if (rows == null) {
            rowsOfGroup = Math.max(LEAST_GROUP, Math.min(LARGEST_GROUP, GROUP_BYTES / (Float.BYTES * length)));
            String columns = IntStream.range(0, kept.size())
                    .mapToObj(i -> "kept" + i + " VARCHAR, ")
                    .collect(Collectors.joining());
            execute("CREATE OR REPLACE TABLE part (" + columns + "vector "
                    + (type == DType.F32 ? "FLOAT[]" : "SMALLINT[]") + ")");
            rows = connection.unwrap(DuckDBConnection.class).createAppender("part");
        }
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
        return rows;
    }

    private void end() throws SQLException {
        if (++inPart == rowsOfGroup) {
            writePart();
        }
    }

    private void writePart() throws SQLException {
        if (rows == null) {
            return;
        }
        rows.close();
        rows = null;
        inPart = 0;
        Path part = parts.path().resolve(written.size() + ".parquet");
        execute("COPY part TO " + DuckDb.text(part.toString()) + " (FORMAT parquet, USE_TMP_FILE false)");
        written.add(part);
    }

    @Override
    public void finish() throws IOException {
        String columns = IntStream.range(0, kept.size())
                .mapToObj(i ->
                        "CAST(kept" + i + " AS " + Kind.type(kinds.get(i)) + ") AS " + DuckDb.name(kept.get(i)) + ", ")
                .collect(Collectors.joining());
        String element = type == DType.F32 ? "FLOAT" : type == DType.U8 ? "UTINYINT" : "TINYINT";
        try {
            writePart();
            execute("DROP TABLE part");
            String files = written.stream()
                    .map(part -> DuckDb.text(part.toString()))
                    .collect(Collectors.joining(", ", "[", "]"));
            execute("COPY (SELECT " + columns + "CAST(vector AS " + element + "[]) AS " + EMBEDDING
                    + " FROM read_parquet(" + files + ")) TO "
                    + DuckDb.text(pending.path().toString())
                    + " (FORMAT parquet, USE_TMP_FILE false, ROW_GROUP_SIZE " + rowsOfGroup + ")");
        } catch (SQLException e) {
            throw unwritable(e);
        }
        pending.commit();
    }

    private void deleteParts() throws IOException {
        try (pending) {
            AtomicFiles.deleteTree(parts.path());
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw unwritable(e);
        } finally {
            deleteParts();
        }
    }
}
