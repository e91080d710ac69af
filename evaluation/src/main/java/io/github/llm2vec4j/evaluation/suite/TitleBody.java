package io.github.llm2vec4j.evaluation.suite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Titles and the texts under them, from files of the form {@code title TAB text}. A title of a section is {@code whole:
 * side title}; all sections of one whole (a law) are on one side of the split, so that who trains on the train part has
 * seen nothing of a law of the test part.
 *
 * @param train pairs to train on
 * @param test pairs for evaluation alone
 */
public record TitleBody(List<Pair> train, List<Pair> test) {
    /** The files that are read, where they are there, below the folder {@code title-body}. */
    public static final List<String> FILES = List.of("law_sections.tsv.gz", "bill_summaries.tsv.gz");

    private static final String BETWEEN = ": ";

    /** A title and its text. */
    public record Pair(String title, String body) {
        /** What the text is a section of: the title up to its first colon, or all of it. */
        String whole() {
            int colon = title.indexOf(BETWEEN);
            return colon < 0 ? title : title.substring(0, colon);
        }
    }

    public TitleBody {
        train = List.copyOf(train);
        test = List.copyOf(test);
    }

    /**
     * Reads one file of a data folder and splits it.
     *
     * @throws MalformedDataException for a line that is not a title, a tab and a text
     */
    public static TitleBody read(DataFiles files, String name) {
        SourceFile file = SourceFile.read(files, "title-body/" + name);
        return file == null ? new TitleBody(List.of(), List.of()) : of(file);
    }

    static TitleBody of(SourceFile file) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < file.lines().size(); i++) {
            String line = file.lines().get(i);
            String[] columns = line.split("\t", -1);
            if (line.isBlank()) {
                continue;
            }
            if (columns.length != 2 || columns[0].isBlank() || columns[1].isBlank()) {
                throw file.malformed(i + 1, "a title, a tab and a text", line);
            }
            pairs.add(new Pair(columns[0].strip(), columns[1].strip()));
        }
        Split<Pair> split = Split.byTopic(pairs, pair -> "", Pair::whole);
        return new TitleBody(split.train(), split.test());
    }

    /** At most {@code wholes} groups of the test part that have at least {@code size} texts, each cut at {@code size}. */
    List<List<Pair>> groups(int wholes, int size) {
        Map<String, Map<String, Pair>> groups = new LinkedHashMap<>(); // whole -> text -> the first pair of that text
        for (Pair pair : test) {
            groups.computeIfAbsent(pair.whole(), w -> new LinkedHashMap<>()).putIfAbsent(pair.body(), pair);
        }
        List<String> large = groups.entrySet().stream()
                .filter(group -> group.getValue().size() >= size)
                .map(Map.Entry::getKey)
                .toList();
        return new LinkedHashSet<>(Split.sample(large, whole -> whole, wholes))
                .stream()
                        .map(whole -> groups.getOrDefault(whole, Map.of()).values().stream()
                                .limit(size)
                                .collect(Collectors.toList()))
                        .toList();
    }
}
