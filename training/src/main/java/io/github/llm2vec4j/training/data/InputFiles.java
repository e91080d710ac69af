package io.github.llm2vec4j.training.data;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** The files that names stand for: a file, all tables in a folder, or those that a pattern finds. */
public final class InputFiles {
    private InputFiles() {}

    /**
     * The files of some names, in the order of the names; of a folder or a pattern in the order of their paths. A pattern
     * has {@code *}, {@code **} (folders too), {@code ?}, {@code [ab]} or <code>{a,b}</code>; where a file of exactly that
     * name is there, it is that file. Of a folder the files with an ending of {@link TableFormat} are taken.
     *
     * @throws BadDataException if a folder or a pattern gives none
     */
    public static List<Path> of(List<Path> names) {
        List<Path> files = new ArrayList<>();
        for (Path name : names) {
            if (Files.isDirectory(name)) {
                files.addAll(found(
                        name,
                        1,
                        TableFormat::isNamed,
                        name + ": has no file that ends as a table does (.txt, .jsonl, .csv, .tsv, .parquet)"));
            } else if (!Files.exists(name) && isPattern(name)) {
                files.addAll(matching(name));
            } else {
                files.add(name);
            }
        }
        return files;
    }

    /** Whether a name has a sign of a pattern. */
    public static boolean isPattern(Path name) {
        return name.toString().matches(".*[*?\\[{].*");
    }

    private static List<Path> matching(Path pattern) {
        Path root = pattern;
        while (root != null && isPattern(root)) {
            root = root.getParent();
        }
        Path start = root == null ? Path.of("") : root;
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault()
                    .getPathMatcher("glob:" + pattern.toString().replace('\\', '/'));
        } catch (PatternSyntaxException e) {
            throw new BadDataException(pattern + ": not a pattern of file names: " + e.getDescription());
        }
        int depth = pattern.toString().contains("**")
                ? Integer.MAX_VALUE
                : pattern.getNameCount() - (root == null ? 0 : root.getNameCount());
        return found(start, Math.max(1, depth), matcher::matches, pattern + ": no file is called so");
    }

    private static List<Path> found(Path folder, int depth, Predicate<Path> taken, String none) {
        try (Stream<Path> walk = Files.isDirectory(folder) ? Files.walk(folder, depth) : Stream.empty()) {
            List<Path> files = walk.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(taken)
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new BadDataException(none);
            }
            return files;
        } catch (IOException e) {
            throw new BadDataException(folder + ": cannot be read: " + e.getMessage());
        }
    }
}
