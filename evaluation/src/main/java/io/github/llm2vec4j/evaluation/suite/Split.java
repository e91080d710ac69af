package io.github.llm2vec4j.evaluation.suite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The train and the test part of some data. The encoder and the probes are trained on the train part alone. What is
 * test depends only on the texts: within each topic they are put in the order of a hash of the text, and the first
 * quarter (rounded to the nearest whole number) is test. The order of the file does not matter; one text, wherever it
 * occurs, is on one side only.
 *
 * @param train in the order of the data
 * @param test in the order of the data
 */
public record Split<T>(List<T> train, List<T> test) {
    /** The share of each topic that is test. */
    public static final double TEST_SHARE = 0.25;

    public Split {
        train = List.copyOf(train);
        test = List.copyOf(test);
    }

    /**
     * Splits items by topic.
     *
     * @param topic the group within which the quarter is taken
     * @param text what is hashed; items with equal text (after NFC and stripping) stay together
     */
    public static <T> Split<T> byTopic(List<T> items, Function<T, String> topic, Function<T, String> text) {
        Map<String, Set<String>> topics = new LinkedHashMap<>();
        Map<String, String> topicOf = new HashMap<>();
        for (T item : items) {
            String key = normal(text.apply(item));
            if (topicOf.putIfAbsent(key, topic.apply(item)) == null) {
                topics.computeIfAbsent(topic.apply(item), t -> new LinkedHashSet<>())
                        .add(key);
            }
        }
        Set<String> testKeys = new HashSet<>();
        topics.values()
                .forEach(keys -> keys.stream()
                        .sorted(byHash(Function.identity(), "split"))
                        .limit(Math.round(keys.size() * TEST_SHARE))
                        .forEach(testKeys::add));
        List<T> train = new ArrayList<>();
        List<T> test = new ArrayList<>();
        items.forEach(item -> (testKeys.contains(normal(text.apply(item))) ? test : train).add(item));
        return new Split<>(train, test);
    }

    /**
     * At most {@code max} items, those of lowest hash, in the order of the data; another hash than that of the split.
     */
    public static <T> List<T> sample(List<T> items, Function<T, String> text, int max) {
        if (items.size() <= max) {
            return List.copyOf(items);
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            order.add(i);
        }
        order.sort(byHash(i -> normal(text.apply(items.get(i))), "sample"));
        return order.stream().limit(max).sorted().map(items::get).toList();
    }

    /** The text as compared: Unicode NFC, without space at its ends. */
    static String normal(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).strip();
    }

    private static <K> Comparator<K> byHash(Function<K, String> text, String salt) {
        Map<K, Long> hashes = new HashMap<>();
        Comparator<K> first = (a, b) -> Long.compareUnsigned(
                hashes.computeIfAbsent(a, k -> hash(salt, text.apply(k))),
                hashes.computeIfAbsent(b, k -> hash(salt, text.apply(k))));
        return first.thenComparing(text);
    }

    /** The first 8 bytes of the SHA-256 of salt, zero byte, text in UTF-8. */
    private static long hash(String salt, String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((salt + '\0' + text).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected SHA-256, which every Java has, found none", e);
        }
    }
}
