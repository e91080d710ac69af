package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.hub.RemoteFile;
import io.github.llm2vec4j.core.hub.RemoteRepo;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * A table on the hub. A text is fetched as it is read; of a Parquet file its end, and then the columns that are read of
 * the groups of rows that are read.
 *
 * @param path of the file in the repository
 */
record HubTable(RemoteRepo repo, String path) implements TableSource {

    @Override
    public String name() {
        return repo.id() + "/" + path;
    }

    @Override
    public Table open() {
        RemoteFile file = repo.open(path);
        try {
            TableFormat format = TableFormat.of(Path.of(path));
            if (format == TableFormat.PARQUET) {
                return new ParquetTable(name(), file);
            }
            InputStream stream = new FilterInputStream(file.stream()) {
                @Override
                public void close() throws IOException {
                    super.close();
                    file.close();
                }
            };
            return Table.of(name(), TableFormat.unpacked(path, stream), format);
        } catch (IOException e) {
            file.close();
            throw new BadDataException(name() + ": cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }
}
