package io.github.llm2vec4j.cli;

import io.github.llm2vec4j.training.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses a place that cannot be written before the work whose result is to go there, not after it. */
final class OutputPath {
    private OutputPath() {}

    /** A file that is to be written; its folder is made when it is. */
    static void checkFile(String option, Path file) {
        if (Files.isDirectory(file)) {
            throw new ConfigException(option + " " + file + ": is a folder: give the name of a file");
        }
        Path parent = file.toAbsolutePath().getParent();
        checkFolder(option, parent == null ? file.toAbsolutePath() : parent);
    }

    /** A folder, or the nearest there is above it, has to be one that can be written. */
    static void checkFolder(String option, Path folder) {
        Path path = folder.toAbsolutePath();
        while (!Files.exists(path) && path.getParent() != null) {
            path = path.getParent();
        }
        if (!Files.isDirectory(path)) {
            throw new ConfigException(option + " " + folder + ": " + path + " is a file, not a folder: give another");
        }
        if (!Files.isWritable(path)) {
            throw new ConfigException(
                    option + " " + folder + ": " + path + " is not writable: make it so, or give another");
        }
    }
}
