package io.github.llm2vec4j.evaluation.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    private record Item(String topic, String text) {}

    @Test
    void aQuarterOfEveryTopicIsTest() {
        List<Item> items = new ArrayList<>(items("a", 100));
        items.addAll(items("b", 10)); // 2.5 rounds to 3
        items.addAll(items("c", 1));
        Split<Item> split = split(items);
        assertThat(count(split.test(), "a")).isEqualTo(25);
        assertThat(count(split.test(), "b")).isEqualTo(3);
        assertThat(count(split.test(), "c")).isZero();
        assertThat(split.train()).hasSize(111 - 28).doesNotContainAnyElementsOf(split.test());
    }

    @Test
    void theOrderOfTheFileDoesNotMatter() {
        List<Item> items = items("a", 50);
        Set<Item> expected = new HashSet<>(split(items).test());
        for (int seed = 0; seed < 10; seed++) {
            List<Item> shuffled = new ArrayList<>(items);
            Collections.shuffle(shuffled, new Random(seed));
            assertThat(new HashSet<>(split(shuffled).test()))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void whatIsTestToday() {
        // Pinned: another hash would turn texts that models were trained on into test texts. In Python, the first two
        // of
        // sorted((f"a {i}" for i in range(8)), key=lambda t: sha256(b"split\0" + t.encode()).digest()[:8])
        assertThat(split(items("a", 8)).test()).extracting(Item::text).containsExactly("a 5", "a 6");
    }

    @Test
    void equalTextsStayTogetherAlsoAcrossTopics() {
        List<Item> items = new ArrayList<>(items("a", 40));
        items("a", 40).forEach(item -> items.add(new Item("b", " " + item.text() + " ")));
        Split<Item> split = split(items);
        assertThat(split.test()).hasSize(20);
        Set<String> test =
                new HashSet<>(split.test().stream().map(i -> i.text().strip()).toList());
        assertThat(split.train()).noneMatch(item -> test.contains(item.text().strip()));
    }

    @Test
    void aSampleKeepsOrderAndDoesNotDependOnIt() {
        List<String> texts = IntStream.range(0, 100).mapToObj(i -> "text " + i).toList();
        List<String> sample = Split.sample(texts, Function.identity(), 10);
        assertThat(sample).hasSize(10).isSortedAccordingTo((x, y) -> texts.indexOf(x) - texts.indexOf(y));
        List<String> reversed = new ArrayList<>(texts);
        Collections.reverse(reversed);
        assertThat(Split.sample(reversed, Function.identity(), 10)).containsExactlyInAnyOrderElementsOf(sample);
        assertThat(Split.sample(texts, Function.identity(), 100)).isEqualTo(texts);
    }

    private static Split<Item> split(List<Item> items) {
        return Split.byTopic(items, Item::topic, Item::text);
    }

    private static List<Item> items(String topic, int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> new Item(topic, topic + " " + i))
                .toList();
    }

    private static long count(List<Item> items, String topic) {
        return items.stream().filter(item -> item.topic().equals(topic)).count();
    }
}
