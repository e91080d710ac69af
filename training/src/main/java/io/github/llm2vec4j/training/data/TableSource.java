package io.github.llm2vec4j.training.data;

import java.nio.file.Path;

/** Where a table is read from: a file of this machine, or one on the hub of which only what is read is fetched. */
public interface TableSource {

    /** The file, for messages. */
    String name();

    /**
     * Opens it at its first row.
     *
     * @throws BadDataException if it is not there, or does not begin as its format does
     */
    Table open();

    /** A file of this machine. */
    static TableSource of(Path file) {
        return new LocalTable(file);
    }

    /** A file of this machine. */
    record LocalTable(Path file) implements TableSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public Table open() {
            return Table.open(file);
        }
    }
}
