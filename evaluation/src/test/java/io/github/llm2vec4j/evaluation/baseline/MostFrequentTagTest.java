package io.github.llm2vec4j.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.tagging.TaggedSentence;
import java.util.List;
import org.junit.jupiter.api.Test;

class MostFrequentTagTest {
    @Test
    void knownFormsThenSuffixesThenTheCommonestTag() {
        List<TaggedSentence> train = List.of(
                new TaggedSentence(List.of("הם", "הלכים", "לים"), List.of("PRON", "VERB", "NOUN")),
                new TaggedSentence(List.of("הם", "רצים", "הם"), List.of("PRON", "VERB", "DET")));
        assertThat(new MostFrequentTag().fit(train).tag(List.of(List.of("הם", "קופצים", "abc"), List.of("לים"))))
                .containsExactly(List.of("PRON", "VERB", "PRON"), List.of("NOUN"));
    }

    @Test
    void tiesGoToTheFirstInTheAlphabet() {
        List<TaggedSentence> train = List.of(new TaggedSentence(List.of("a", "a"), List.of("Z", "B")));
        assertThat(new MostFrequentTag().fit(train).tag(List.of(List.of("a", "unseen"))))
                .containsExactly(List.of("B", "B"));
    }
}
