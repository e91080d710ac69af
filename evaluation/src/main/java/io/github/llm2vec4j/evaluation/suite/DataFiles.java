package io.github.llm2vec4j.evaluation.suite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A place that holds data files by relative name: a folder, or the resources of a jar. */
public interface DataFiles {
    /** Opens a file, or gives null when it is not there; the caller closes the stream. */
    @Nullable
    InputStream open(String name) throws IOException;

    /** Where the file is or would be, for messages. */
    String locate(String name);

    /** Opens one file by name. */
    @FunctionalInterface
    interface Opener {
        /** The content, or null when there is no such file. */
        @Nullable
        InputStream open(String name) throws IOException;
    }

    /** The files of a folder. */
    static DataFiles folder(Path folder) {
        return of(folder.toString(), name -> {
            Path file = folder.resolve(name);
            return Files.isRegularFile(file) ? Files.newInputStream(file) : null;
        });
    }

    /** The resources of a class loader under a path without leading slash. */
    static DataFiles resources(ClassLoader loader, String path) {
        return of(path, name -> loader.getResourceAsStream(path + "/" + name));
    }

    /** Files opened by a function; {@code place} stands before their names in messages. */
    static DataFiles of(String place, Opener opener) {
        return new DataFiles() {
            @Override
            public @Nullable InputStream open(String name) throws IOException {
                return opener.open(name);
            }

            @Override
            public String locate(String name) {
                return place + "/" + name;
            }
        };
    }
}
