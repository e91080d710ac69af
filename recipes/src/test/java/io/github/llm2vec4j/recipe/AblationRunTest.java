package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.report.AblationCell;
import io.github.llm2vec4j.evaluation.report.AblationReport;
import io.github.llm2vec4j.evaluation.report.HeatMap;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ablation of a tiny run. */
class AblationRunTest {
    private static final List<String> MODELS = List.of(
            "causal, none",
            "causal, simcse",
            "bidirectional, none",
            "bidirectional, simcse",
            "bidirectional, mntp",
            "bidirectional, mntp + simcse",
            "bidirectional, mntp + supervised");

    @TempDir
    static Path shared;

    private static Recipe recipe;
    private static Path run;
    private static AblationReport report;
    private static List<ModelResult> ofTheRun;

    @BeforeAll
    static void runOnce() throws IOException {
        recipe = Recipe.load(TinyRecipe.write(shared).toString());
        run = shared.resolve("run");
        ofTheRun = Objects.requireNonNull(new RecipeRun(recipe, run, null, Set.of(), new RecipeListener() {}).run());
        report = Objects.requireNonNull(new AblationRun(settings("all", Pooling.MEAN, Pooling.EOS_TOKEN), new Trained())
                .run("./llm2vec ablation"));
    }

    private static AblationSettings settings(String layers, Pooling... poolings) {
        return new AblationSettings(
                recipe,
                run,
                List.of(),
                null,
                layers,
                new LinkedHashSet<>(List.of(poolings)),
                WordStates.Position.SAME_TOKEN,
                Set.of(),
                shared.resolve("cache"));
    }

    /** Notes the steps of training. */
    private static final class Trained implements RecipeListener {
        final List<String> steps = new ArrayList<>();

        @Override
        public TrainingListener training(String name) {
            return new TrainingListener() {
                @Override
                public void stepEnded(Step step) {
                    steps.add(name + " " + step.number());
                }
            };
        }
    }

    @Test
    void everyModelIsReadInEveryWay() {
        assertThat(report.cells()).hasSize(MODELS.size() * 3 * 2);
        assertThat(report.cells().stream()
                        .map(cell -> cell.attention() + ", " + cell.training())
                        .distinct())
                .containsExactlyElementsOf(MODELS);
        assertThat(report.cells())
                .allSatisfy(cell -> assertThat(cell.results())
                        .extracting(TaskResult::task)
                        .containsExactly(
                                "pos",
                                "ner",
                                "topic-classification",
                                "topic-clustering",
                                "question-retrieval",
                                "paraphrase"));
    }

    /** The vectors of the last layer with mean pooling are those that the recipe has scored. */
    @Test
    void theCellsOfTheRecipesOwnModelsAgreeWithItsReport() {
        Map<String, String> rows = Map.of(
                "decoder, causal", "causal, none",
                "decoder, bidirectional", "bidirectional, none",
                "mntp-unsup-simcse", "bidirectional, mntp + simcse");
        rows.forEach((row, model) -> {
            ModelResult known = ofTheRun.stream()
                    .filter(result -> result.model().equals(row))
                    .findFirst()
                    .orElseThrow();
            AblationCell cell = cell(model + ", mean, layer 2");
            for (int t = 0; t < known.results().size(); t++) {
                assertThat(cell.results().get(t).mainScore())
                        .as(row + " " + known.results().get(t).task())
                        .isCloseTo(known.results().get(t).mainScore(), within(1e-9));
            }
        });
    }

    private static AblationCell cell(String name) {
        return report.cells().stream()
                .filter(cell -> cell.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void simcseAloneIsTrainedOnTheDecoderInBothDirections() {
        ModelChain causal =
                ModelChain.resolve(run.resolve("ablation/simcse-causal").toString(), List.of());
        ModelChain both =
                ModelChain.resolve(run.resolve("ablation/simcse-bidirectional").toString(), List.of());
        assertThat(causal.causal()).isTrue();
        assertThat(both.causal()).isFalse();
        assertThat(causal.adapters()).hasSize(1);
        assertThat(both.adapters()).hasSize(1);
    }

    @Test
    void aSecondRunTrainsAndComputesNothing() throws IOException {
        Map<String, String> before = TinyRecipe.listing(shared.resolve("cache"));
        Trained trained = new Trained();
        AblationReport second =
                new AblationRun(settings("all", Pooling.MEAN, Pooling.EOS_TOKEN), trained).run("./llm2vec ablation");
        assertThat(trained.steps).isEmpty();
        assertThat(Objects.requireNonNull(second).table().toTextByModel())
                .isEqualTo(report.table().toTextByModel());
        assertThat(TinyRecipe.listing(shared.resolve("cache"))).isEqualTo(before);
    }

    @Test
    void aRunThatIsStoppedGoesOn() throws IOException {
        Path copy = shared.resolve("stopped");
        new RecipeRun(
                        recipe,
                        copy,
                        null,
                        Set.of("base", "mntp", "mntp-unsup-simcse", "mntp-supervised"),
                        new RecipeListener() {})
                .run();
        AblationSettings settings = new AblationSettings(
                recipe,
                copy,
                List.of(),
                null,
                "few",
                Set.of(Pooling.MEAN),
                WordStates.Position.SAME_TOKEN,
                Set.of("paraphrase"),
                shared.resolve("cache-of-stopped"));
        List<AblationRun> stopped = new ArrayList<>();
        AblationRun first = new AblationRun(settings, new RecipeListener() {
            @Override
            public TrainingListener training(String name) {
                return new TrainingListener() {
                    @Override
                    public void stepEnded(Step step) {
                        stopped.get(0).requestStop();
                    }
                };
            }
        });
        stopped.add(first);
        assertThat(first.run("")).isNull();
        Trained second = new Trained();
        assertThat(new AblationRun(settings, second).run("")).isNotNull();
        assertThat(second.steps)
                .containsExactly(
                        "simcse-causal 2",
                        "simcse-causal 3",
                        "simcse-bidirectional 1",
                        "simcse-bidirectional 2",
                        "simcse-bidirectional 3");
    }

    @Test
    void attentionToLaterTokensIsSeenWhereThereAreSome() throws IOException {
        String model = run.resolve("base").toString();
        List<String> texts = List.of("one two three four", "five six seven eight");
        try (Llm2Vec causal =
                        Llm2Vec.builder(model).causal(true).dtype("float32").build();
                Llm2Vec both = Llm2Vec.builder(model).dtype("float32").build()) {
            HeatMap same = AttentionAnalysis.attention("same", causal, causal, texts);
            assertThat(same.cosines())
                    .allSatisfy(row ->
                            assertThat(row).allSatisfy(c -> assertThat(c).isCloseTo(1, within(1e-6))));
            HeatMap changed = AttentionAnalysis.attention("changed", causal, both, texts);
            assertThat(changed.layers()).containsExactly(1, 2);
            assertThat(changed.texts()).isEqualTo(2);
            List<Double> last = changed.cosines().get(1);
            assertThat(last.get(0)).as("the first token sees all that is new").isLessThan(0.99);
            List<PrefixTriple> triples = List.of(
                    new PrefixTriple("one two ", "red", "green", "a black horse"),
                    new PrefixTriple("three four ", "red", "green", "a black horse"));
            AttentionAnalysis.Beginnings blind = AttentionAnalysis.beginnings("blind", causal, triples);
            assertThat(blind.scores().layers().get(1).accuracy()).isEqualTo(0.5);
            assertThat(blind.scores().layers().get(1).other()).isCloseTo(1, within(1e-6));
            assertThat(blind.moved().cosines().get(1))
                    .allSatisfy(c -> assertThat(c).isCloseTo(1, within(1e-6)));
            AttentionAnalysis.Beginnings seeing = AttentionAnalysis.beginnings("seeing", both, triples);
            assertThat(seeing.scores().layers().get(1).other()).isLessThan(0.999);
            assertThat(seeing.scores().triples()).isEqualTo(2);
        }
    }

    @Test
    void beginningsAreMadeOfOtherParaphrases() {
        List<PrefixTriple> triples = PrefixTriple.of(RecipeData.suite(recipe, null), 1000);
        Paraphrase task = (Paraphrase) RecipeData.suite(recipe, null)
                .only(Set.of("paraphrase"))
                .tasks()
                .get(0);
        assertThat(triples).isNotEmpty().hasSizeLessThanOrEqualTo(task.triples().size());
        assertThat(triples).allSatisfy(triple -> {
            assertThat(triple.prefix()).endsWith(" ").doesNotContain(triple.query());
            assertThat(triple.texts()).hasSize(3).allMatch(text -> text.startsWith(triple.prefix()));
        });
    }

    @Test
    void theReportHasEveryPart() throws IOException {
        Path out = shared.resolve("out");
        report.write(out);
        JsonNode json = new JsonMapper().readTree(out.resolve("ablation.json").toFile());
        assertThat(json.at("/cells")).hasSize(report.cells().size());
        assertThat(json.at("/cells/0/results/0/main_score_95")).hasSize(2);
        assertThat(json.at("/table/rows")).hasSize(report.cells().size());
        assertThat(json.at("/attention")).hasSize(5);
        assertThat(json.at("/prefix_scores/0/layers/0/paraphrase").isNumber()).isTrue();
        assertThat(Files.readString(out.resolve("ablation.html")))
                .contains("Attention and training", "Pooling", "Layers", "Causal against bidirectional")
                .contains("bidirectional, mntp, eos_token", "bidirectional, mntp, layer 0", "<rect", "whisker")
                .contains(MODELS);
    }

    @Test
    void modelsCanBeNamedInstead() throws IOException {
        AblationReport named = new AblationRun(
                        new AblationSettings(
                                recipe,
                                null,
                                List.of(
                                        run.resolve("mntp-supervised").toString(),
                                        run.resolve("ablation/simcse-causal").toString()),
                                null,
                                "2",
                                Set.of(Pooling.MEAN),
                                WordStates.Position.SAME_TOKEN,
                                Set.of("pos"),
                                shared.resolve("cache")),
                        new RecipeListener() {})
                .run("");
        assertThat(Objects.requireNonNull(named).cells().stream().map(AblationCell::name))
                .containsExactly(
                        "causal, none, mean, layer 2",
                        "bidirectional, none, mean, layer 2",
                        "bidirectional, mntp, mean, layer 2",
                        "bidirectional, mntp-supervised, mean, layer 2",
                        "causal, simcse-causal, mean, layer 2");
    }

    @Test
    void layersAreThoseThatTheModelHas() {
        assertThat(AblationRun.layers("few", 32)).containsExactly(10, 21, 32);
        assertThat(AblationRun.layers("few", 1)).containsExactly(1);
        assertThat(AblationRun.layers("all", 2)).containsExactly(0, 1, 2);
        assertThat(AblationRun.layers("2, 0", 2)).containsExactly(0, 2);
        for (String wrong : List.of("3", "-1", "x", "", "1,,2")) {
            assertThatThrownBy(() -> AblationRun.layers(wrong, 2))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("from 0 (the embeddings) to 2");
        }
    }

    @Test
    void aRunThatIsNotFinishedIsRefused() {
        Path nothing = shared.resolve("nothing");
        AblationSettings settings = new AblationSettings(
                recipe,
                nothing,
                List.of(),
                null,
                "few",
                Set.of(Pooling.MEAN),
                WordStates.Position.SAME_TOKEN,
                Set.of(),
                shared.resolve("cache"));
        assertThatThrownBy(() -> new AblationRun(settings, new RecipeListener() {}).run(""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("finish the run first");
        assertThat(nothing).doesNotExist();
    }
}
