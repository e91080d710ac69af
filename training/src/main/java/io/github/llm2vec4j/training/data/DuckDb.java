package io.github.llm2vec4j.training.data;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Connections to DuckDB that can do no more than is asked of them: one thread, little memory, no file but those named, no
 * extension from elsewhere.
 */
final class DuckDb {
    private static final String MEMORY = "1GB";

    private DuckDb() {}

    /**
     * Opens a database in memory.
     *
     * @param file that may be read and written
     * @param folder in which all may be too, or null for none
     */
    static Connection open(Path file, @Nullable Path folder) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("threads", "1");
        settings.setProperty("memory_limit", MEMORY);
        settings.setProperty("temp_directory", "");
        settings.setProperty("enable_external_file_cache", "false");
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        settings.setProperty("jdbc_stream_results", "true");
        Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET allowed_paths = [" + text(file.toString()) + "]");
            if (folder != null) {
                statement.execute("SET allowed_directories = [" + text(folder.toString()) + "]");
            }
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A text in SQL. */
    static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** A name in SQL. */
    static String name(String value) {
        return '"' + value.replace("\"", "\"\"") + '"';
    }

    /** The first line of what DuckDB says, without the kind of error. */
    static String reason(SQLException failure) {
        String first = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return first.replaceFirst("^[A-Z][A-Za-z ]* Error: ", "");
    }
}
