package io.github.llm2vec4j.evaluation.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.llm2vec4j.evaluation.FakeEncoder;
import io.github.llm2vec4j.evaluation.metric.Space;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.task.BitextMining;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Classification.Labelled;
import io.github.llm2vec4j.evaluation.task.Clustering;
import io.github.llm2vec4j.evaluation.task.PairClassification;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.evaluation.task.Reranking;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.SemanticSimilarity;
import io.github.llm2vec4j.evaluation.task.SentenceTask;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RobustnessTest {
    private static final Set<String> WORDS = Set.of("בית", "ילדה");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "POINTS_REMOVED     | שָׁלוֹם עוֹלָם, abc | שלום עולם, abc",
                "PREFIXES_SPLIT     | הבית של הילדה והדוד שבית | ה בית של ה ילדה והדוד ש בית",
                "DEFECTIVE_SPELLING | שולחן גדול ויפה צהריים | שולחן גדל ויפה צהרים",
                "PREFIXES_JOINED    | ב ירושלים, ה-ילד אמר ש־בא אל ב' | בירושלים, הילד אמר שבא אל ב'",
                "FULL_SPELLING      | התכנית מאד טובה, ענין של חכמה | התוכנית מאוד טובה, עניין של חוכמה",
                "FINAL_LETTERS      | מלך שלום, סוף. ארץ בן | מלכ שלומ, סופ. ארצ בנ",
                "GERESH             | צה\"ל ג'ירפה \"כן\" רח׳ ד״ר | צה״ל ג׳ירפה \"כן״ רח' ד\"ר",
                "ENGLISH_WORDS      | הספר טוב מאוד | the book good מאוד"
            })
    void eachChangeByExample(HebrewChange change, String text, String expected) {
        assertThat(change.on(WORDS).apply(text)).isEqualTo(expected);
    }

    @Test
    void addedPointsAreRemovedAgainAndNeitherTouchesOtherScripts() {
        String text = "שלום עולם! A1 b";
        String pointed = HebrewChange.POINTS_ADDED.on(Set.of()).apply(text);
        assertThat(pointed).isNotEqualTo(text).hasSize(text.length() + 6).endsWith("! A1 b");
        assertThat(HebrewChange.POINTS_REMOVED.on(Set.of()).apply(pointed)).isEqualTo(text);
        for (HebrewChange change : HebrewChange.values()) {
            assertThat(change.on(Set.of()).apply("plain 'English' text")).isEqualTo("plain 'English' text");
        }
    }

    @Test
    void onlyTestTextsAndQueriesAreChanged() {
        Labelled item = new Labelled("a", "x");
        Labelled other = new Labelled("b", "y");
        List<SentenceTask> tasks = List.of(
                new Classification("c", null, List.of(item, other), List.of(item)),
                new Clustering("k", null, List.of(item, other)),
                new BitextMining("b", null, List.of(new BitextMining.Pair("a", "a"))),
                new PairClassification(
                        "p",
                        null,
                        List.of("a"),
                        List.of(
                                new PairClassification.Pair("a", "b", true),
                                new PairClassification.Pair("a", "b", false))),
                new SemanticSimilarity(
                        "s",
                        null,
                        List.of(),
                        List.of(
                                new SemanticSimilarity.Scored("a", "b", 1),
                                new SemanticSimilarity.Scored("b", "a", 0))),
                new Paraphrase("t", null, List.of("a"), List.of(new Paraphrase.Triple("a", "b", "c"))),
                new Retrieval("r", null, List.of(new Retrieval.Query("a", Set.of(0))), List.of("a")),
                new Reranking("x", null, List.of(new Reranking.Query("a", List.of("a"), Set.of(0)))));
        List<List<String>> expected = List.of(
                List.of("a!"),
                List.of("a!", "b!"),
                List.of("a!", "a"),
                List.of("a!", "b!", "a!", "b!"),
                List.of("a!", "b!", "b!", "a!"),
                List.of("a!", "b!", "c!"),
                List.of("a!", "a"),
                List.of("a!", "a"));
        for (int i = 0; i < tasks.size(); i++) {
            SentenceTask changed = tasks.get(i).withTestTexts(text -> text + "!");
            assertThat(changed.testTexts()).as(changed.name()).isEqualTo(expected.get(i));
            assertThat(changed.trainTexts()).isEqualTo(tasks.get(i).trainTexts());
            assertThat(changed.name()).isEqualTo(tasks.get(i).name());
            assertThat(tasks.get(i).withTestTexts(text -> text)).isEqualTo(tasks.get(i));
        }
    }

    @Test
    void aChangeThatAnEncoderCannotReadCostsPoints() {
        Retrieval task = new Retrieval(
                "r",
                null,
                List.of(
                        new Retrieval.Query("מלך ים", Set.of(0)),
                        new Retrieval.Query("עץ סוף", Set.of(1)),
                        new Retrieval.Query("שמור", Set.of(2))),
                List.of("מלך ים אחד", "עץ סוף שני", "שמור שלי"));
        Suite suite = new Suite("s", List.of(task), List.of());
        FakeEncoder encoder = new FakeEncoder();
        ModelResult results = suite.run("m", encoder, encoder, result -> {});
        List<Robustness> rows =
                Robustness.measure(suite, results, other -> other.run("m", encoder, encoder, result -> {}));
        assertThat(rows)
                .extracting(Robustness::change)
                .containsExactly(
                        HebrewChange.POINTS_ADDED, HebrewChange.DEFECTIVE_SPELLING, HebrewChange.FINAL_LETTERS);
        Robustness last = rows.get(2);
        assertThat(last.changed()).isCloseTo(2.0 / 3, within(1e-9));
        assertThat(last.before()).isEqualTo(1);
        assertThat(last.after()).isLessThan(1);
        assertThat(last.difference()).isNotNull();
        assertThat(Robustness.toText(rows)).contains("no final letters", "67%", "1.0000");
    }

    @Test
    void figuresOfTheSpaceByHand() {
        float[][] cross = {{1, 0}, {0, 2}, {-3, 0}, {0, -1}};
        Space space = Space.of(cross, new float[][] {{1, 0}, {0, 1}}, new float[][] {{5, 0}, {0, -1}});
        assertThat(space.anisotropy()).isCloseTo(-2.0 / 6, within(1e-12)); // two of six pairs are opposite
        assertThat(space.uniformity()).isCloseTo(Math.log((4 * Math.exp(-4) + 2 * Math.exp(-8)) / 6), within(1e-12));
        assertThat(space.alignment()).isCloseTo((0 + 4) / 2.0, within(1e-12));
        assertThatThrownBy(() -> Space.of(new float[][] {{0, 0}, {1, 0}}, new float[0][], new float[0][]))
                .hasMessageContaining("vector 0");
        assertThat(Space.of(cross, new float[0][], new float[0][]).alignment()).isNaN();
    }

    @Test
    void theSpaceIsMeasuredOnTestTextsAndOnPairsThatBelongTogether() {
        Suite suite = new Suite(
                "s",
                List.of(
                        new Paraphrase("t", null, List.of(), List.of(new Paraphrase.Triple("a b", "b a", "c"))),
                        new Retrieval("r", null, List.of(new Retrieval.Query("q", Set.of(1))), List.of("x", "q"))),
                List.of());
        SpaceFigures figures = SpaceFigures.of(suite, new FakeEncoder());
        assertThat(figures.texts()).isEqualTo(5);
        assertThat(figures.pairs()).isEqualTo(2);
        assertThat(figures.space().alignment()).isCloseTo(0, within(1e-6)); // the fake encoder sums words
        assertThat(figures.space().anisotropy()).isBetween(-1.0, 1.0);
    }
}
