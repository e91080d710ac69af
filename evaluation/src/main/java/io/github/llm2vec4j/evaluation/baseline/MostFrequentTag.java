package io.github.llm2vec4j.evaluation.baseline;

import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.evaluation.probe.WordTagger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tags each word form as it is tagged most often in the train sentences; a form not seen there as the longest suffix
 * (at most four characters) that was, else as the most frequent tag of all. Where tags tie, the first in alphabetical
 * order.
 */
public final class MostFrequentTag implements WordTagger {
    private static final int LONGEST_SUFFIX = 4;

    @Override
    public String name() {
        return "most frequent tag";
    }

    @Override
    public Fitted fit(List<TaggedSentence> train) {
        Map<String, TreeMap<String, Integer>> counts = new HashMap<>(); // key -> tag -> how often
        for (TaggedSentence sentence : train) {
            for (int i = 0; i < sentence.words().size(); i++) {
                String word = sentence.words().get(i);
                for (String key : keys(word)) {
                    counts.computeIfAbsent(key, k -> new TreeMap<>())
                            .merge(sentence.tags().get(i), 1, Integer::sum);
                }
            }
        }
        Map<String, String> best = new HashMap<>();
        counts.forEach((key, tags) -> best.put(key, mostFrequent(tags)));
        return sentences -> sentences.stream()
                .map(words -> words.stream().map(word -> tag(best, word)).toList())
                .toList();
    }

    private static String tag(Map<String, String> best, String word) {
        return keys(word).stream()
                .filter(best::containsKey)
                .findFirst()
                .map(best::get)
                .orElseThrow();
    }

    /** The whole form, then its suffixes from the longest to the empty one; a mark keeps forms and suffixes apart. */
    private static List<String> keys(String word) {
        int longest = Math.min(LONGEST_SUFFIX, word.length());
        return Stream.concat(
                        Stream.of("=" + word),
                        IntStream.rangeClosed(0, longest)
                                .mapToObj(cut -> "-" + word.substring(word.length() - longest + cut)))
                .toList();
    }

    private static String mostFrequent(TreeMap<String, Integer> tags) {
        String best = tags.firstKey();
        for (Map.Entry<String, Integer> entry : tags.entrySet()) {
            best = entry.getValue() > tags.getOrDefault(best, 0) ? entry.getKey() : best;
        }
        return best;
    }
}
