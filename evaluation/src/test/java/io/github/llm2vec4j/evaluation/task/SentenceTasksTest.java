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
import java.util.List;
import java.util.Set;
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
