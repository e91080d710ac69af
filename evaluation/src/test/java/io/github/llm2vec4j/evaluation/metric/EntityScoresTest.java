package io.github.llm2vec4j.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.tagging.EntityScores;
import io.github.llm2vec4j.core.tagging.Span;
import io.github.llm2vec4j.evaluation.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityScoresTest {
    private final JsonNode golden = Golden.section("entities");

    @Test
    void equalsSeqevalOnAThousandRandomSequences() {
        JsonNode cases = golden.required("cases");
        assertThat(cases).hasSize(1000);
        for (JsonNode sequence : cases) {
            List<String> gold = tags(sequence.get(0).textValue());
            List<String> predicted = tags(sequence.get(1).textValue());
            EntityScores.Prf scores =
                    EntityScores.of(List.of(gold), List.of(predicted)).micro();
            assertThat(new double[] {scores.precision(), scores.recall(), scores.f1()})
                    .as("%s against %s", predicted, gold)
                    .containsExactly(precisionRecallF1(sequence), within(1e-11));
            assertThat(scores.gold()).isEqualTo(sequence.get(5).intValue());
        }
    }

    @Test
    void equalsSeqevalOverAllSequencesAndByType() {
        List<List<String>> gold = new ArrayList<>();
        List<List<String>> predicted = new ArrayList<>();
        golden.required("cases").forEach(sequence -> {
            gold.add(tags(sequence.get(0).textValue()));
            predicted.add(tags(sequence.get(1).textValue()));
        });
        EntityScores scores = EntityScores.of(gold, predicted);
        EntityScores.Prf micro = scores.micro();
        assertThat(new double[] {micro.precision(), micro.recall(), micro.f1()})
                .containsExactly(Golden.doubles(golden.required("micro")), within(1e-12));
        scores.byType()
                .forEach((type, prf) -> assertThat(prf.f1())
                        .as(type)
                        .isCloseTo(golden.required("f1_by_type").required(type).doubleValue(), within(1e-12)));
        assertThat(scores.byType()).hasSize(golden.required("f1_by_type").size());
        List<String> flatGold = gold.stream().flatMap(List::stream).toList();
        List<String> flatPredicted = predicted.stream().flatMap(List::stream).toList();
        assertThat(ClassificationScores.of(flatGold, flatPredicted).accuracy())
                .isCloseTo(golden.required("accuracy").doubleValue(), within(1e-12));
    }

    @Test
    void bothSchemesNameTheSameEntities() {
        List<Span> spans = List.of(new Span("PER", 0, 2), new Span("LOC", 3, 3), new Span("ORG", 5, 6));
        assertThat(Span.of(List.of("B-PER", "I-PER", "I-PER", "B-LOC", "O", "B-ORG", "I-ORG")))
                .isEqualTo(spans);
        assertThat(Span.of(List.of("B-PER", "I-PER", "E-PER", "S-LOC", "O", "B-ORG", "E-ORG")))
                .isEqualTo(spans);
    }

    @Test
    void aWrongBorderOrTypeIsNoEntity() {
        List<List<String>> gold = List.of(List.of("B-PER", "I-PER", "O", "B-LOC"));
        List<List<String>> predicted = List.of(List.of("B-PER", "O", "O", "B-ORG"));
        EntityScores scores = EntityScores.of(gold, predicted);
        assertThat(scores.micro()).isEqualTo(new EntityScores.Prf(0, 2, 2));
        assertThat(scores.micro().f1()).isZero();
        assertThat(scores.byType())
                .isEqualTo(Map.of(
                        "PER", new EntityScores.Prf(0, 1, 1),
                        "LOC", new EntityScores.Prf(0, 0, 1),
                        "ORG", new EntityScores.Prf(0, 1, 0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "X-PER", "BPER", "per"})
    void refusesATagOfNoScheme(String tag) {
        assertThatThrownBy(() -> Span.of(List.of(tag)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a tag like");
    }

    @Test
    void refusesSentencesOfAnotherLength() {
        assertThatThrownBy(() -> EntityScores.of(List.of(List.of("O")), List.of(List.of("O", "O"))))
                .hasMessage("sentence 0: expected 1 predicted tags, found 2");
    }

    private static double[] precisionRecallF1(JsonNode sequence) {
        return new double[] {
            sequence.get(2).doubleValue(),
            sequence.get(3).doubleValue(),
            sequence.get(4).doubleValue()
        };
    }

    private List<String> tags(String sequence) {
        JsonNode names = golden.required("tags");
        return sequence.chars()
                .mapToObj(c -> names.required(Character.toString(c)).textValue())
                .toList();
    }
}
