package io.github.llm2vec4j.training.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The texts that models are tested on, to find those that a training text is or holds. What counts are words: letters and
 * digits, in lower case and without points and accents. A training text has a test text in it if both have the same words,
 * or if a test text of {@value #FEWEST} words and more stands in it word by word; of a longer one than {@value #MOST}, so
 * many words in a row are enough, as in Brown et al. 2020, appendix C. Memory goes with the test texts alone. Not for
 * several threads.
 */
public final class TestTexts {
    /** Of fewer words a text may well occur elsewhere by chance. */
    static final int FEWEST = 6;

    static final int MOST = 13;

    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    private static final Pattern MARKS = Pattern.compile("\\p{Mn}+");
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final List<Overlap> sets = new ArrayList<>();
    private final List<BitSet> found = new ArrayList<>();
    private final Map<Long, int[]> whole = new HashMap<>();
    private final Map<Long, int[]> windows = new HashMap<>();
    private final TreeSet<Integer> lengths = new TreeSet<>();
    private long textsWithOne;

    /**
     * What was found of a set.
     *
     * @param texts different texts of its test part
     * @param found how many of them stand in the training texts
     */
    public record Overlap(String set, int texts, int found) {}

    /** @param sets a name of each to the texts of its test part */
    public TestTexts(Map<String, ? extends Collection<String>> sets) {
        new LinkedHashMap<>(sets).forEach(this::add);
    }

    /** No texts: nothing is found. */
    public static TestTexts none() {
        return new TestTexts(Map.of());
    }

    private void add(String name, Collection<String> texts) {
        int set = sets.size();
        Map<Long, Integer> numbers = new HashMap<>();
        for (String text : texts) {
            long[] words = words(text);
            if (words.length == 0 || numbers.containsKey(hash(words, 0, words.length))) {
                continue;
            }
            int[] place = {set, numbers.size()};
            long key = hash(words, 0, words.length);
            numbers.put(key, place[1]);
            put(whole, key, place);
            if (words.length >= FEWEST) {
                int length = Math.min(words.length, MOST);
                lengths.add(length);
                for (int i = 0; i + length <= words.length; i++) {
                    put(windows, hash(words, i, length), place);
                }
            }
        }
        sets.add(new Overlap(name, numbers.size(), 0));
        found.add(new BitSet(numbers.size()));
    }

    /** Several texts may have the same words in a row. */
    private static void put(Map<Long, int[]> map, long key, int[] place) {
        map.merge(key, place, (before, more) -> {
            int[] joined = Arrays.copyOf(before, before.length + 2);
            joined[before.length] = more[0];
            joined[before.length + 1] = more[1];
            return joined;
        });
    }

    /** Looks for test texts in a training text, counts them, and says whether there are any. */
    public boolean look(String text) {
        if (sets.isEmpty()) {
            return false;
        }
        long[] words = words(text);
        boolean any = mark(whole.get(hash(words, 0, words.length)));
        for (int length : lengths) {
            for (int i = 0; i + length <= words.length; i++) {
                any |= mark(windows.get(hash(words, i, length)));
            }
        }
        textsWithOne += any ? 1 : 0;
        return any;
    }

    private boolean mark(int @Nullable [] places) {
        if (places == null) {
            return false;
        }
        for (int i = 0; i < places.length; i += 2) {
            found.get(places[i]).set(places[i + 1]);
        }
        return true;
    }

    /** Begins to count anew, for other training texts. */
    public void forget() {
        found.forEach(BitSet::clear);
        textsWithOne = 0;
    }

    /** Training texts with a test text in them. */
    public long textsWithOne() {
        return textsWithOne;
    }

    /** What was found so far, for each set. */
    public List<Overlap> overlaps() {
        List<Overlap> all = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            Overlap set = sets.get(i);
            all.add(new Overlap(set.set(), set.texts(), found.get(i).cardinality()));
        }
        return all;
    }

    /** A number that follows from the texts, and not from what was found. */
    public long fingerprint() {
        long sum = 0;
        for (long key : whole.keySet()) {
            sum += mixed(key);
        }
        return sum;
    }

    /** A hash of each word. */
    private static long[] words(String text) {
        String plain = MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD))
                .replaceAll("")
                .toLowerCase(Locale.ROOT);
        Matcher matcher = WORD.matcher(plain);
        long[] words = new long[16];
        int count = 0;
        while (matcher.find()) {
            if (count == words.length) {
                words = Arrays.copyOf(words, 2 * count);
            }
            long hash = 0;
            for (int i = matcher.start(); i < matcher.end(); i++) {
                hash = mixed(hash + plain.charAt(i));
            }
            words[count++] = hash;
        }
        return Arrays.copyOf(words, count);
    }

    private static long hash(long[] words, int from, int length) {
        long hash = length;
        for (int i = from; i < from + length; i++) {
            hash = mixed(hash ^ words[i]);
        }
        return hash;
    }

    /** Spreads the bits (the finaliser of SplitMix64, Steele et al. 2014). */
    private static long mixed(long x) {
        long z = x + PRIME;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
