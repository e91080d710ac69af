package io.github.llm2vec4j.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.tagging.TaggedSentence;
import io.github.llm2vec4j.evaluation.FakeEncoder;
import io.github.llm2vec4j.evaluation.baseline.MostFrequentTag;
import io.github.llm2vec4j.evaluation.baseline.TfIdf;
import io.github.llm2vec4j.evaluation.metric.AveragePrecision;
import io.github.llm2vec4j.evaluation.probe.EncoderFeatures;
import io.github.llm2vec4j.evaluation.probe.LinearProbe;
import io.github.llm2vec4j.evaluation.probe.TextFeatures;
import io.github.llm2vec4j.evaluation.probe.WordTagger;
import io.github.llm2vec4j.evaluation.result.Outcome;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.PairClassification.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Test labels are replaced by a canary: when no prediction changes and none is the canary, no label reached a probe.
 */
class CanaryTest {
    private static final String CANARY = "B-CANARY";
    private static final List<Labelled> TRAIN = Stream.of(
                    "cat dog", "dog cow", "cow cat", "red blue", "blue green", "green red")
            .map(text -> new Labelled(text, text.matches(".*(cat|dog|cow).*") ? "animal" : "colour"))
            .toList();
    private static final List<Labelled> TEST = List.of(
            new Labelled("cat cow", "animal"), new Labelled("red green", "colour"), new Labelled("dog", "animal"));
    private static final List<TaggedSentence> TAGGED_TRAIN = List.of(
            new TaggedSentence(List.of("dana", "sees", "haifa"), List.of("B-PER", "O", "B-LOC")),
            new TaggedSentence(List.of("haifa", "sees", "dana", "levi"), List.of("B-LOC", "O", "B-PER", "I-PER")));
    private static final List<TaggedSentence> TAGGED_TEST = List.of(
            new TaggedSentence(List.of("dana", "levi", "sees", "haifa"), List.of("B-PER", "I-PER", "O", "B-LOC")));

    static Stream<TextFeatures> textModels() {
        return Stream.of(new EncoderFeatures(new FakeEncoder()), new TfIdf());
    }

    static Stream<WordTagger> wordModels() {
        return Stream.of(new LinearProbe(new FakeEncoder()), new MostFrequentTag());
    }

    @ParameterizedTest
    @MethodSource("textModels")
    void noTestLabelReachesTheClassifier(TextFeatures model) {
        TaskResult honest = new Classification("c", null, TRAIN, TEST).run(model);
        List<Labelled> canaries =
                TEST.stream().map(item -> new Labelled(item.text(), CANARY)).toList();
        TaskResult blind = new Classification("c", null, TRAIN, canaries).run(model);
        assertThat(predictions(blind)).isEqualTo(predictions(honest)).doesNotContain(CANARY);
        assertThat(honest.scores()).containsEntry("accuracy", 1.0);
        assertThat(blind.scores()).containsEntry("accuracy", 0.0);
    }

    @Test
    void noTestLabelReachesTheOtherProbes() {
        List<Labelled> canaries =
                TEST.stream().map(item -> new Labelled(item.text(), CANARY)).toList();
        TextFeatures model = new EncoderFeatures(new FakeEncoder());
        TaskResult blind = new Classification("c", null, TRAIN, canaries, EnumSet.allOf(Probe.class)).run(model);
        TaskResult honest = new Classification("c", null, TRAIN, TEST, EnumSet.allOf(Probe.class)).run(model);
        assertThat(blind.runs().get("mlp_accuracy")).containsOnly(0.0);
        assertThat(blind.runs().get("random_forest_accuracy")).containsOnly(0.0);
        assertThat(blind.runs().get("8_shot_accuracy")).containsOnly(0.0);
        assertThat(honest.scores().get("8_shot_accuracy")).isPositive();
    }

    @ParameterizedTest
    @MethodSource("textModels")
    void noTestLabelReachesTheFewShots(TextFeatures model) {
        List<Labelled> canaries =
                TEST.stream().map(item -> new Labelled(item.text(), CANARY)).toList();
        TaskResult honest = new FewShotClassification("f", null, TRAIN, TEST).run(model);
        TaskResult blind = new FewShotClassification("f", null, TRAIN, canaries).run(model);
        assertThat(predictions(blind)).isEqualTo(predictions(honest)).doesNotContain(CANARY);
        assertThat(blind.runs().get("accuracy")).hasSize(10).containsOnly(0.0);
        assertThat(honest.mainScore()).isPositive();
    }

    /** The best accuracy and F1 are at a threshold of the test part; the main figure needs none, only the order. */
    @ParameterizedTest
    @MethodSource("textModels")
    void noTestLabelOfAPairMovesACosineAndTheMainFigureHasNoThreshold(TextFeatures model) {
        List<Pair> pairs = List.of(
                new Pair("cat dog", "cat dog", true),
                new Pair("cat dog cow", "cat dog red", true),
                new Pair("cat dog", "cat blue", false),
                new Pair("cat dog", "green red", false));
        List<Pair> canaries = pairs.stream()
                .map(pair -> new Pair(pair.first(), pair.second(), !pair.positive()))
                .toList();
        List<String> fitted = List.of("cat dog cow", "red blue green");
        TaskResult honest = new PairClassification("p", null, fitted, pairs).run(model);
        TaskResult blind = new PairClassification("p", null, fitted, canaries).run(model);
        assertThat(predictions(blind)).isEqualTo(predictions(honest));

        double[] cosines = {0.9, 0.4, 0.5, 0.1};
        boolean[] positive = {true, true, false, false};
        double[] elsewhere = Arrays.stream(cosines).map(c -> 100 + c * c * c).toArray();
        assertThat(honest.mainMetric()).isEqualTo("average_precision");
        assertThat(AveragePrecision.of(elsewhere, positive)).isEqualTo(AveragePrecision.of(cosines, positive));
    }

    @ParameterizedTest
    @MethodSource("textModels")
    void noLabelReachesTheClustersButHowManyThereAre(TextFeatures model) {
        List<Labelled> canaries = new ArrayList<>();
        for (int i = 0; i < TRAIN.size(); i++) {
            canaries.add(new Labelled(TRAIN.get(i).text(), i % 2 == 0 ? CANARY : "other"));
        }
        assertThat(clusters(new Clustering("k", null, canaries).run(model)))
                .isDeepEqualTo(clusters(new Clustering("k", null, TRAIN).run(model)));
    }

    /** The clusters of each text, by run. */
    private static double[][] clusters(TaskResult result) {
        return Arrays.stream(Objects.requireNonNull(result.evidence()).items())
                .map(item -> Arrays.copyOfRange(item, 1, item.length))
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @MethodSource("wordModels")
    void noTestTagReachesTheProbe(WordTagger tagger) {
        TaskResult honest = new WordTagging("w", WordTagging.Kind.ENTITIES, TAGGED_TRAIN, TAGGED_TEST).run(tagger);
        List<TaggedSentence> canaries = TAGGED_TEST.stream()
                .map(s -> new TaggedSentence(
                        s.words(), Collections.nCopies(s.words().size(), CANARY)))
                .toList();
        TaskResult blind = new WordTagging("w", WordTagging.Kind.ENTITIES, TAGGED_TRAIN, canaries).run(tagger);
        assertThat(predictions(blind)).isEqualTo(predictions(honest)).doesNotContain(CANARY);
        assertThat(honest.scores()).containsEntry("accuracy", 1.0).containsEntry("entity_f1", 1.0);
        assertThat(blind.scores()).containsEntry("accuracy", 0.0).containsEntry("entity_f1", 0.0);
    }

    private static List<String> predictions(TaskResult result) {
        return result.details().outcomes().stream().map(Outcome::predicted).toList();
    }
}
