package io.github.llm2vec4j.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.encoder.EmbeddingFiles;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.tagging.TagTask;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.suite.HebrewChange;
import io.github.llm2vec4j.evaluation.suite.LeakCheck;
import io.github.llm2vec4j.evaluation.suite.Robustness;
import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import io.github.llm2vec4j.training.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models side by side, on a tiny model and a few rows of data in the form of the public sets. */
class EvaluationRunTest {
    @TempDir
    static Path shared;

    private static Path model;
    private static Path data;

    @BeforeAll
    static void write() throws IOException {
        model = Golden.OWN.copy("models/mistral", shared.resolve("model"));
        data = shared.resolve("data");
        StringBuilder comments = new StringBuilder("comment\tlabel\n");
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            comments.append(i % 2 == 0 ? "good food " : "bad service ")
                    .append(i)
                    .append('\t')
                    .append(i % 2)
                    .append('\n');
            words.append("Dana S-PER\nruns O\n\n");
        }
        put("sentiment/train.tsv", comments.toString());
        put("sentiment/test_gold.tsv", comments.toString().replace("food", "meal"));
        put("nemo/token-single_gold_train.bmes", words.toString());
        put("nemo/token-single_gold_test.bmes", words.toString());
    }

    private static void put(String name, String content) throws IOException {
        Path file = data.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static EvaluationSettings settings(
            List<String> models,
            Map<String, Path> embeddings,
            boolean baselines,
            @Nullable Path cache,
            Path... trained) {
        return new EvaluationSettings(
                models,
                embeddings,
                false,
                null,
                baselines,
                data,
                List.of(),
                Set.of(),
                HubChoice.NONE,
                SuiteOptions.FULL,
                false,
                false,
                List.of(trained),
                cache);
    }

    @Test
    void theModelStandsBesideWhatItHasToBeat() throws IOException {
        EvaluationRun run = new EvaluationRun(settings(List.of(model.toString()), Map.of(), true, null));
        EvaluationRun.Findings findings = run.run(new RecipeListener() {});
        List<ModelResult> results = findings.results();
        assertThat(results)
                .extracting(ModelResult::model)
                .containsExactly("model", "decoder, causal", "static tokens", "TF-IDF / most frequent tag");
        assertThat(results).allMatch(result -> result.results().size() == 2);
        assertThat(run.publishedBesideOurs(findings))
                .as("not the figures of probes that were not run")
                .containsOnlyKeys("sentiment, accuracy, LLM2Vec on DictaLM 2.0 (7 B)", "sentiment, accuracy, AlephBERT")
                .extractingByKey("sentiment, accuracy, AlephBERT")
                .asString()
                .contains("0.800; here ", " model, ", " static tokens");
        Path out = shared.resolve("out");
        run.write(out, findings, "./llm2vec evaluate");
        JsonNode json = new JsonMapper().readTree(out.resolve("results.json").toFile());
        assertThat(json.at("/results")).hasSize(8);
        assertThat(json.at("/published/0/task").asText()).isEqualTo("sentiment");
        assertThat(json.at("/table/rows/0/intervals/0")).hasSize(2);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("The evaluation of model, decoder, causal", "AlephBERT", "whisker")
                .contains("Sentences before and after", "Map of sentences by static tokens", "class=\"confusion\"");
        try (Stream<Path> files = Files.walk(out.resolve("mteb"))) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).contains("llm2vec4j__model", "sentiment.json", "nemo-ner.json", "model_meta.json");
        }
    }

    @Test
    void aSecondRunNeedsNeitherTheModelNorATask() throws IOException {
        Path cache = shared.resolve("cache");
        EvaluationSettings settings = settings(List.of(model.toString()), Map.of(), true, cache);
        String first = table(settings);
        Map<String, String> before = TinyRecipe.listing(cache);
        assertThat(before).isNotEmpty();
        assertThat(table(settings)).isEqualTo(first);
        assertThat(TinyRecipe.listing(cache)).isEqualTo(before);
        assertThat(table(settings(List.of(model.toString()), Map.of(), true, null)))
                .isEqualTo(first);
    }

    @Test
    void anotherModelHasVectorsOfItsOwn() throws IOException {
        Path other = Golden.OWN.copy("models/mistral", shared.resolve("other"));
        Path config = other.resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replaceFirst("\"rope_theta\": *[0-9.]+", "\"rope_theta\": 77.0"));
        Path cache = shared.resolve("cache-of-two");
        table(settings(List.of(model.toString()), Map.of(), false, cache));
        int one = TinyRecipe.listing(cache).size();
        table(settings(List.of(other.toString()), Map.of(), false, cache));
        assertThat(TinyRecipe.listing(cache).size()).isEqualTo(2 * one - 1); // but for the folder itself
    }

    @Test
    void vectorsFromAFileScoreAsTheModelThatMadeThem() throws IOException {
        EvaluationRun alone = new EvaluationRun(settings(List.of(model.toString()), Map.of(), false, null));
        List<String> texts = alone.texts();
        assertThat(texts).hasSize(18).doesNotHaveDuplicates(); // "bad service" is in train and test
        Path file = shared.resolve("vectors.jsonl");
        try (Llm2Vec loaded = Llm2Vec.load(model.toString())) {
            EmbeddingFiles.write(file, loaded.encode(texts), texts);
        }
        List<ModelResult> results = new EvaluationRun(
                        settings(List.of(model.toString()), Map.of("file", file), false, null))
                .run(new RecipeListener() {})
                .results();
        assertThat(results.get(1).results()).singleElement().satisfies(result -> {
            assertThat(result.task()).isEqualTo("sentiment");
            assertThat(result.mainScore())
                    .isCloseTo(results.get(0).results().get(1).mainScore(), within(1e-9));
        });
    }

    @Test
    void otherSpellingsAndTheSpaceAreMeasuredWhenAskedFor() throws IOException {
        Path hebrew = shared.resolve("hebrew");
        Files.createDirectories(hebrew.resolve("sentiment"));
        StringBuilder comments = new StringBuilder("comment\tlabel\n");
        for (int i = 0; i < 12; i++) {
            comments.append(i % 2 == 0 ? "אוכל טעים " : "שירות גרוע ")
                    .append(i)
                    .append('\t')
                    .append(i % 2)
                    .append('\n');
        }
        for (String name : List.of("train.tsv", "test_gold.tsv")) {
            Files.writeString(hebrew.resolve("sentiment").resolve(name), comments.toString());
        }
        EvaluationSettings settings = new EvaluationSettings(
                List.of(model.toString()),
                Map.of(),
                false,
                null,
                true,
                hebrew,
                List.of(),
                Set.of(),
                HubChoice.NONE,
                SuiteOptions.FULL,
                true,
                true,
                List.of(),
                null);
        EvaluationRun run = new EvaluationRun(settings);
        EvaluationRun.Findings findings = run.run(new RecipeListener() {});
        assertThat(findings.robustness())
                .containsOnlyKeys("model", "decoder, causal", "static tokens", "TF-IDF / most frequent tag");
        assertThat(findings.robustness().get("model"))
                .extracting(Robustness::change)
                .contains(HebrewChange.POINTS_ADDED, HebrewChange.FINAL_LETTERS, HebrewChange.ENGLISH_WORDS);
        assertThat(findings.space()).containsOnlyKeys("model", "decoder, causal", "static tokens");
        assertThat(findings.space().get("model").space().anisotropy()).isBetween(-1.0, 1.0);
        run.write(shared.resolve("out-hebrew"), findings, "");
        JsonNode json = new JsonMapper()
                .readTree(shared.resolve("out-hebrew/results.json").toFile());
        assertThat(json.at("/robustness/model/0/change").asText()).isEqualTo("POINTS_ADDED");
        assertThat(json.at("/space/model/texts").intValue()).isEqualTo(12);
    }

    @Test
    void anyFilesOfTaggedWordsAreATask() throws IOException {
        Path train = Files.writeString(
                shared.resolve("train.txt"), "Dana NNP B-PER\nruns VBZ O\n\nNoa NNP B-PER\nsits VBZ O\n\n".repeat(6));
        Path test = Files.writeString(shared.resolve("test.txt"), "Dana NNP B-PER\nsits VBZ O\n\n".repeat(3));
        EvaluationSettings settings = new EvaluationSettings(
                List.of(model.toString()),
                Map.of(),
                false,
                null,
                false,
                data,
                List.of(new TaggedTask(TagTask.NER_TAGS, train, test), new TaggedTask(TagTask.POS_TAGS, train, test)),
                Set.of("ner_tags", "pos_tags"),
                HubChoice.NONE,
                SuiteOptions.FULL,
                false,
                false,
                List.of(),
                null);
        List<TaskResult> results = new EvaluationRun(settings)
                .run(new RecipeListener() {})
                .results()
                .get(0)
                .results();
        assertThat(results).extracting(TaskResult::task).containsExactly("ner_tags", "pos_tags");
        assertThat(results.get(0).scores()).containsKeys("entity_f1", "entity_recall", "accuracy");
        assertThat(results.get(1).mainMetric()).isEqualTo("accuracy");
        assertThat(results.get(1).test()).isEqualTo(3);
    }

    @Test
    void staticTokensKnowNoContext() {
        try (Llm2Vec loaded = Llm2Vec.builder(model.toString()).dtype("float32").build()) {
            StaticTokens tokens = new StaticTokens("static", loaded);
            float[][][] words = tokens.encodeWords(List.of(List.of("a", "b", "a"), List.of("b", "a")));
            assertThat(words[0][2]).isEqualTo(words[1][1]).hasSize(loaded.dimensions());
            assertThat(words[0][0]).isNotEqualTo(words[0][1]);
            int[] ids = loaded.tokenizer().encode("one two", false).ids();
            float[] expected = new float[loaded.dimensions()];
            float[] table = loaded.decoder().embedding().value().toFloats();
            for (int id : ids) {
                for (int j = 0; j < expected.length; j++) {
                    expected[j] += table[id * expected.length + j] / ids.length;
                }
            }
            assertThat(tokens.encode("ignored", List.of("one two"))[0]).containsExactly(expected, within(1e-6f));
            assertThat(tokens.encode(null, List.of(""))[0]).containsOnly(0);
        }
    }

    @Test
    void textsThatWereTrainedOnAreFound() throws IOException {
        Path trained = Files.writeString(shared.resolve("trained.txt"), "good meal 0\nsomething else\n");
        List<LeakCheck> leaks =
                new EvaluationRun(settings(List.of(model.toString()), Map.of(), false, null, trained)).leaks();
        assertThat(leaks).containsExactly(new LeakCheck("nemo-ner", 1, 1, 0), new LeakCheck("sentiment", 12, 6, 1));
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        assertThatThrownBy(() ->
                        new EvaluationRun(settings(List.of(), Map.of(), false, null)).run(new RecipeListener() {}))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--model");
        List<String> thrice = List.of(model.toString(), model.toString(), model.toString());
        assertThatThrownBy(() -> new EvaluationRun(settings(thrice, Map.of(), false, null)))
                .hasMessageContaining("is to be evaluated twice");
    }

    private static String table(EvaluationSettings settings) {
        return ResultTable.ofAllMetrics(
                        new EvaluationRun(settings).run(new RecipeListener() {}).results())
                .toText();
    }
}
