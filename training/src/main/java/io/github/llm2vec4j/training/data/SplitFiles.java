package io.github.llm2vec4j.training.data;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Which files of a repository make up which split, as the Python package datasets chooses them in the simple cases: by the
 * patterns of the card, or else by the words train, validation and test in the names of folders or of files; or else all
 * are for training.
 */
final class SplitFiles {
    /** The words for each split. */
    private static final Map<String, Pattern> WORDS = new LinkedHashMap<>();

    static {
        WORDS.put(HubDataSet.TRAIN, word("train|training"));
        WORDS.put("validation", word("validation|valid|dev|val"));
        WORDS.put("test", word("test|testing|eval|evaluation"));
    }

    private SplitFiles() {}

    private static Pattern word(String words) {
        return Pattern.compile("(?i)(?:^|[-_./ 0-9])(?:" + words + ")(?:[-_./ 0-9]|$)");
    }

    /** The files of each split; none where nothing is read here. */
    static Map<String, List<String>> of(Collection<String> paths, DataCard.Config config) {
        List<String> tables = tables(paths, config.folder());
        if (!config.patterns().isEmpty()) {
            Map<String, List<String>> splits = new LinkedHashMap<>();
            config.patterns().forEach((split, patterns) -> {
                List<String> files = tables.stream()
                        .filter(path -> patterns.stream().anyMatch(pattern -> matches(config.folder() + pattern, path)))
                        .toList();
                if (!files.isEmpty()) {
                    splits.put(split, files);
                }
            });
            return splits;
        }
        List<String> ofOneKind = mostCommonKind(tables);
        Map<String, List<String>> splits = byWord(ofOneKind, path -> path.substring(0, path.lastIndexOf('/') + 1));
        if (splits.isEmpty()) {
            splits = byWord(ofOneKind, path -> path.substring(path.lastIndexOf('/') + 1));
        }
        return splits.isEmpty() && !ofOneKind.isEmpty() ? Map.of(HubDataSet.TRAIN, ofOneKind) : splits;
    }

    private static List<String> tables(Collection<String> paths, String folder) {
        return paths.stream()
                .filter(path -> path.startsWith(folder))
                .filter(path -> TableFormat.isNamed(Path.of(path)))
                .filter(path ->
                        !path.matches("(.*/)?([._].*|README.*|LICENSE.*|requirements\\.txt|dataset_infos?\\.json)"))
                .sorted()
                .toList();
    }

    private static List<String> mostCommonKind(List<String> tables) {
        Map<TableFormat, List<String>> kinds = tables.stream()
                .collect(Collectors.groupingBy(
                        path -> TableFormat.of(Path.of(path)), TreeMap::new, Collectors.toList()));
        return kinds.values().stream().max(Comparator.comparingInt(List::size)).orElse(List.of());
    }

    private static Map<String, List<String>> byWord(List<String> paths, Function<String, String> part) {
        Map<String, List<String>> splits = new LinkedHashMap<>();
        WORDS.forEach((split, word) -> {
            List<String> files = paths.stream()
                    .filter(path -> word.matcher(part.apply(path)).find())
                    .toList();
            if (!files.isEmpty()) {
                splits.put(split, files);
            }
        });
        return Collections.unmodifiableMap(splits);
    }

    /** Of a pattern that begins with two stars, the folders may be none. */
    private static boolean matches(String pattern, String path) {
        return glob(pattern, path) || glob(pattern.replace("**/", ""), path);
    }

    private static boolean glob(String pattern, String path) {
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            return matcher.matches(Path.of(path));
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
