package io.github.llm2vec4j.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.llm2vec4j.evaluation.FakeEncoder;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.baseline.TfIdf;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.PairClassification.Pair;
import io.github.llm2vec4j.evaluation.task.SemanticSimilarity.Scored;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SentenceTasksTest {
    private final FakeEncoder encoder = new FakeEncoder();

    @Test
    void retrievalFindsWhatSharesWordsAndGivesTheInstructionToQuestionsOnly() {
        Retrieval task = new Retrieval(
                "r",
                "find",
                List.of(new Retrieval.Query("red cat", Set.of(1)), new Retrieval.Query("blue dog", Set.of(0))),
                List.of("big blue dog", "small red cat", "nothing here"));
        TaskResult result = task.run(encoder);
        assertThat(result.scores())
                .containsEntry("mrr", 1.0)
                .containsEntry("recall_at_10", 1.0)
                .containsEntry("ndcg_at_10", 1.0);
        assertThat(encoder.seen)
                .containsExactly("big blue dog", "small red cat", "nothing here", "find|red cat", "find|blue dog");
        assertThat(result.train()).isZero();
        assertThat(result.test()).isEqualTo(2);
        assertThat(task.testTexts()).contains("nothing here");
        assertThat(task.heldOutTexts()).containsExactly("red cat", "small red cat", "blue dog", "big blue dog");
    }

    @Test
    void retrievalShowsWhatWasFoundInstead() {
        Retrieval task = new Retrieval(
                "r", null, List.of(new Retrieval.Query("red cat", Set.of(0))), List.of("blue dog", "red cat"));
        TaskResult result = task.run(encoder);
        assertThat(result.scores()).containsEntry("mrr", 0.5);
        assertThat(result.details().errors(5)).singleElement().satisfies(error -> {
            assertThat(error.expected()).isEqualTo("blue dog");
            assertThat(error.predicted()).isEqualTo("red cat");
        });
    }

    @Test
    void paraphraseComparesWithTheNegativeOfTheSameSentence() {
        Paraphrase task = new Paraphrase(
                "p",
                null,
                List.of("red cat big dog tree"),
                List.of(
                        new Paraphrase.Triple("red cat", "red cat big", "dog tree"),
                        new Paraphrase.Triple("big dog", "tree", "big dog red"),
                        new Paraphrase.Triple("red tree", "unknown", "missing")));
        TaskResult result = task.run(new TfIdf());
        assertThat(result.scores().get("triple_accuracy")).isCloseTo(1.5 / 3, within(1e-12));
        assertThat(result.details().outcomes()).extracting("score").containsExactly(1.0, 0.0, 0.5);
    }

    @Test
    void pairClassificationRanksPositivePairsByCosine() {
        PairClassification task = new PairClassification(
                "p", null, List.of(), List.of(new Pair("a b", "a b c", true), new Pair("a b", "x y", false)));
        assertThat(task.run(encoder).scores()).containsEntry("average_precision", 1.0);
        assertThatThrownBy(() -> new PairClassification("p", null, List.of(), List.of(new Pair("a", "b", true))))
                .hasMessage("task p: expected at least one item in negative pairs, found 0");
    }

    @Test
    void similarityFollowsTheOrderOfTheCosines() {
        SemanticSimilarity task = new SemanticSimilarity(
                "s",
                null,
                List.of(),
                List.of(
                        new Scored("a b c", "a b c", 5),
                        new Scored("a b c", "a b x", 3),
                        new Scored("a b c", "x y z", 0)));
        TaskResult result = task.run(encoder);
        assertThat(result.scores().get("cosine_spearman")).isCloseTo(1, within(1e-12));
        assertThat(result.mainScore()).isEqualTo(result.scores().get("cosine_spearman"));
    }

    @Test
    void bitextMiningFindsTheTranslationOfMostWordsShared() {
        BitextMining task = new BitextMining(
                "b",
                null,
                List.of(
                        new BitextMining.Pair("red cat", "small red cat"),
                        new BitextMining.Pair("blue dog", "blue dog big"),
                        new BitextMining.Pair("old cat", "nothing here")));
        TaskResult result = task.run(encoder);
        assertThat(result.scores().get("recall")).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(result.mainScore()).isEqualTo(result.scores().get("f1"));
        assertThat(result.details().errors(9))
                .singleElement()
                .satisfies(error -> assertThat(error.expected()).isEqualTo("nothing here"));
    }

    @Test
    void clusteringFindsTextsThatShareWords() {
        List<Classification.Labelled> texts = IntStream.range(0, 24)
                .mapToObj(i -> i % 2 == 0
                        ? new Classification.Labelled("cat dog cow w" + i % 3, "animal")
                        : new Classification.Labelled("red blue green w" + i % 3, "colour"))
                .toList();
        for (TaskResult result : List.of(
                new Clustering("c", null, texts).run(encoder), new Clustering("c", null, texts).run(new TfIdf()))) {
            assertThat(result.mainScore()).isCloseTo(1, within(1e-9));
            assertThat(result.runs().get("v_measure")).hasSize(3);
        }
        assertThatThrownBy(() -> new Clustering("c", null, texts.subList(0, 1)))
                .hasMessageContaining("at least two labels");
    }

    @Test
    void rerankingLooksAtTheCandidatesOfItsQueryAlone() {
        Reranking task = new Reranking(
                "r",
                "find",
                List.of(
                        new Reranking.Query("red cat", List.of("blue dog", "red cat cat"), Set.of(1)),
                        new Reranking.Query("old tree", List.of("tree x y z", "old tree", "red cat"), Set.of(0))));
        TaskResult result = task.run(encoder);
        assertThat(result.scores()).containsEntry("map", 0.75).containsEntry("mrr", 0.75);
        assertThat(encoder.seen)
                .containsExactly(
                        "blue dog",
                        "red cat cat",
                        "tree x y z",
                        "old tree",
                        "red cat",
                        "find|red cat",
                        "find|old tree");
        assertThatThrownBy(() -> new Reranking.Query("q", List.of("a"), Set.of(1)))
                .hasMessageContaining("found 1");
    }

    @Test
    void otherProbesGiveScoresForEachSeed() {
        List<Classification.Labelled> texts = IntStream.range(0, 40)
                .mapToObj(i -> i % 2 == 0
                        ? new Classification.Labelled("cat dog cow w" + i, "animal")
                        : new Classification.Labelled("red blue green w" + i, "colour"))
                .toList();
        Classification task =
                new Classification("c", null, texts.subList(0, 30), texts.subList(30, 40), EnumSet.allOf(Probe.class));
        TaskResult result = task.run(encoder);
        assertThat(result.scores().keySet())
                .containsExactly(
                        "accuracy",
                        "macro_f1",
                        "mlp_accuracy",
                        "mlp_macro_f1",
                        "random_forest_accuracy",
                        "random_forest_macro_f1",
                        "8_shot_accuracy",
                        "8_shot_macro_f1");
        assertThat(result.scores().values()).allMatch(score -> score > 0.9);
        assertThat(result.runs().get("8_shot_accuracy")).hasSize(10);
        assertThat(result.runs().get("mlp_accuracy")).hasSize(3);
        assertThat(task.run(new TfIdf()).scores()).containsOnlyKeys("accuracy", "macro_f1");
        assertThat(task.run(encoder)).isEqualTo(result);
    }

    @Test
    void everyMainScoreFollowsFromItsItems() {
        List<TaskResult> results = List.of(
                new Retrieval("r", null, List.of(new Retrieval.Query("red cat", Set.of(0))), List.of("dog", "red"))
                        .run(encoder),
                new PairClassification(
                                "p",
                                null,
                                List.of(),
                                List.of(new Pair("a b", "a c", true), new Pair("a b", "b", false)))
                        .run(encoder),
                new Paraphrase("t", null, List.of(), List.of(new Paraphrase.Triple("a b", "c", "a"))).run(encoder));
        assertThat(results).allSatisfy(result -> {
            assertThat(result.interval()).isNotNull();
            assertThat(java.util.Objects.requireNonNull(result.evidence()).score())
                    .isCloseTo(result.mainScore(), within(1e-9));
        });
    }

    @Test
    void anEncoderThatLosesATextIsNamed() {
        TextEncoder broken = new TextEncoder() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public float[][] encode(@Nullable String instruction, List<String> texts) {
                return new float[][] {{1}};
            }
        };
        Retrieval task = new Retrieval("r", null, List.of(new Retrieval.Query("q", Set.of(0))), List.of("a", "b"));
        assertThatThrownBy(() -> task.run(broken)).hasMessage("encoder broken: expected 2 vectors, found 1");
    }
}
