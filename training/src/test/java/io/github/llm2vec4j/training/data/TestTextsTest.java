package io.github.llm2vec4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestTextsTest {
    private static final String SIX = "the river flows past seven stones";
    private static final String LONG =
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";

    private static TestTexts tests(String... texts) {
        return new TestTexts(Map.of("set", List.of(texts)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"שלום עולם", "  שָׁלוֹם, עולם! ", "שלום\tעולם", "\"שלום\" עוֹלם."})
    void theSameWordsAreTheSameText(String text) {
        assertThat(tests("שלום עולם").look(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "And so THE RIVER flows past seven stones again",
                "the river flows past, seven stones",
                "x the river flows past seven stones"
            })
    void aTextOfSixWordsIsFoundInALongerOne(String text) {
        assertThat(tests(SIX).look(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the river flows past seven grey stones",
                "river flows past seven stones",
                "theriver flows past seven stones",
                "",
                " . "
            })
    void otherWordsAreAnotherText(String text) {
        TestTexts tests = tests(SIX, "", " - ");
        assertThat(tests.look(text)).isFalse();
        assertThat(tests.overlaps()).containsExactly(new TestTexts.Overlap("set", 1, 0));
    }

    @Test
    void ofALongTextThirteenWordsInARowAreEnough() {
        assertThat(tests(LONG).look("zero " + LONG.substring(0, LONG.lastIndexOf(' '))))
                .isTrue();
        assertThat(tests(LONG).look(LONG.substring(LONG.indexOf(' ') + 1) + " fifteen"))
                .isTrue();
        assertThat(tests(LONG).look(LONG.replace("seven", "7"))).isFalse();
    }

    @Test
    void aShortTextIsNotFoundWithinAnother() {
        assertThat(tests("good morning").look("good morning to you")).isFalse();
    }

    @Test
    void whatWasFoundIsCountedByTextAndSet() {
        Map<String, List<String>> sets = new LinkedHashMap<>();
        sets.put("a", List.of(SIX, SIX + "!", "alone"));
        sets.put("b", List.of(SIX, LONG));
        TestTexts tests = new TestTexts(sets);
        for (int i = 0; i < 3; i++) {
            tests.look("x " + SIX);
        }
        assertThat(tests.overlaps())
                .containsExactly(new TestTexts.Overlap("a", 2, 1), new TestTexts.Overlap("b", 2, 1));
        assertThat(tests.textsWithOne()).isEqualTo(3);
        tests.forget();
        assertThat(tests.overlaps())
                .containsExactly(new TestTexts.Overlap("a", 2, 0), new TestTexts.Overlap("b", 2, 0));
        assertThat(tests.textsWithOne()).isZero();
    }

    @Test
    void theFingerprintFollowsFromTheTextsAlone() {
        TestTexts tests = tests(SIX, LONG);
        long before = tests.fingerprint();
        tests.look(SIX);
        assertThat(tests.fingerprint())
                .isEqualTo(before)
                .isEqualTo(tests(LONG, SIX).fingerprint());
        assertThat(tests(SIX).fingerprint()).isNotEqualTo(before);
        assertThat(TestTexts.none().look(SIX)).isFalse();
    }
}
