package io.github.llm2vec4j.training.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Rows of one kind, in one file or several, which are read one after the other.
 *
 * @param name of a file without its endings, or as the hub names it
 */
public record DataSet(String name, List<TableSource> tables) {
    public DataSet {
        tables = List.copyOf(tables);
    }

    /** Each of some files of this machine, as a data set of its own. */
    public static List<DataSet> ofEach(List<Path> files) {
        return files.stream()
                .map(file -> new DataSet(TableFormat.plainName(file), List.of(TableSource.of(file))))
                .toList();
    }

    /** The tables of several. */
    public static List<TableSource> tables(List<DataSet> sets) {
        return sets.stream().flatMap(set -> set.tables.stream()).toList();
    }

    /** The files, for messages. */
    String files() {
        return tables.stream().map(TableSource::name).toList().toString();
    }
}
