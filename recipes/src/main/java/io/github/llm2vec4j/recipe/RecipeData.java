package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.evaluation.suite.DataFiles;
import io.github.llm2vec4j.evaluation.suite.EmbeddedText;
import io.github.llm2vec4j.evaluation.suite.HebrewSuite;
import io.github.llm2vec4j.evaluation.suite.Suite;
import io.github.llm2vec4j.evaluation.suite.SuiteOptions;
import io.github.llm2vec4j.evaluation.suite.TitleBody;
import io.github.llm2vec4j.training.ConfigException;
import io.github.llm2vec4j.training.StageKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a recipe trains on and is tested on: the project's own text, of which the train part is written out for
 * training, or a folder of public Hebrew data sets.
 *
 * @param suite the tasks
 * @param development tasks to choose settings by, of the train part of the project's own text alone
 * @param texts files of single texts, for MNTP and SimCSE
 * @param pairs files of pairs and triples, for supervised training
 * @param examples labelled sentences of the test part, for the map and the neighbours of the report
 */
record RecipeData(
        Suite suite, Suite development, List<Path> texts, List<Path> pairs, List<EmbeddedText.Sentence> examples) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Suite NOTHING = new Suite("none", List.of(), List.of());
    private static final SuiteOptions FOLDER_SIZE = new SuiteOptions(3000, 1000, java.util.Map.of());

    static RecipeData of(Recipe recipe, @Nullable Path folder, Path workFolder) throws IOException {
        boolean trains = !recipe.steps().stream().allMatch(Recipe.Step::namesData);
        if (recipe.text().equals(Recipe.NO_TEXT)) {
            if (trains) {
                throw new ConfigException(recipe.name() + ": has no text, and a step that names no data to train on");
            }
            Suite suite = folder == null ? NOTHING : HebrewSuite.folder(folder, FOLDER_SIZE);
            return new RecipeData(suite, NOTHING, List.of(), List.of(), List.of());
        }
        EmbeddedText text = embedded(recipe.text());
        if (!trains) {
            Suite suite = folder == null
                    ? HebrewSuite.embedded(text, SuiteOptions.FULL)
                    : HebrewSuite.folder(folder, FOLDER_SIZE);
            return new RecipeData(
                    suite,
                    development(text),
                    List.of(),
                    List.of(),
                    text.sentences().test());
        }
        return folder == null ? ofEmbedded(text, workFolder) : ofFolder(folder, text, workFolder);
    }

    /** The tasks alone, of what a recipe would be tested on. */
    static Suite suite(Recipe recipe, @Nullable Path folder) {
        return folder == null
                ? HebrewSuite.embedded(embedded(recipe.text()), SuiteOptions.FULL)
                : HebrewSuite.folder(folder, FOLDER_SIZE);
    }

    /** The project's own text, as tasks. */
    static Suite embeddedSuite(SuiteOptions options) {
        return HebrewSuite.embedded(embedded("embedded:hebrew-mini"), options);
    }

    private static EmbeddedText embedded(String name) {
        String model = name.substring(name.indexOf(':') + 1);
        return EmbeddedText.read(
                DataFiles.resources(RecipeData.class.getClassLoader(), "llm2vec4j/embedded/" + model + "/text"));
    }

    private static RecipeData ofEmbedded(EmbeddedText text, Path workFolder) throws IOException {
        Path texts = workFolder.resolve("texts.txt");
        AtomicFiles.writeString(texts, String.join("\n", text.trainTexts()) + "\n");
        Path questions = workFolder.resolve("questions.jsonl");
        List<ObjectNode> rows = new ArrayList<>();
        text.questions()
                .train()
                .forEach(q -> rows.add(
                        JSON.createObjectNode().put("query", q.question()).put("positive", q.passage())));
        write(questions, rows);
        Path triples = workFolder.resolve("triples.jsonl");
        rows.clear();
        text.triples()
                .train()
                .forEach(t -> rows.add(JSON.createObjectNode()
                        .put("query", t.sentence())
                        .put("positive", t.paraphrase())
                        .put("negative", t.negative())));
        write(triples, rows);
        Suite suite = HebrewSuite.embedded(text, SuiteOptions.FULL);
        return new RecipeData(
                suite,
                development(text),
                List.of(texts),
                List.of(questions, triples),
                text.sentences().test());
    }

    private static Suite development(EmbeddedText text) {
        return HebrewSuite.embedded(text.development(), SuiteOptions.FULL);
    }

    private static void write(Path file, List<ObjectNode> rows) throws IOException {
        StringBuilder lines = new StringBuilder();
        rows.forEach(row -> lines.append(row).append('\n'));
        AtomicFiles.writeString(file, lines.toString());
    }

    /** Of the titles and their texts only the train part is trained on: the other one is a task. */
    private static RecipeData ofFolder(Path folder, EmbeddedText text, Path workFolder) throws IOException {
        List<Path> texts = present(folder, "mntp-sample/sentences.txt.gz");
        List<ObjectNode> rows = new ArrayList<>();
        for (String file : TitleBody.FILES) {
            TitleBody.read(DataFiles.folder(folder), file)
                    .train()
                    .forEach(pair -> rows.add(
                            JSON.createObjectNode().put("query", pair.title()).put("positive", pair.body())));
        }
        Path titles = workFolder.resolve("titles.jsonl");
        List<Path> pairs = rows.isEmpty() ? List.of() : List.of(titles);
        if (texts.isEmpty() || pairs.isEmpty()) {
            throw new ConfigException(folder
                    + ": expected mntp-sample/sentences.txt.gz and title-body/*.tsv.gz to train on, found "
                    + (texts.isEmpty() ? "no sentences" : "no pairs"));
        }
        write(titles, rows);
        return new RecipeData(
                HebrewSuite.folder(folder, FOLDER_SIZE),
                development(text),
                texts,
                pairs,
                text.sentences().test());
    }

    private static List<Path> present(Path folder, String... names) {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            if (Files.isRegularFile(folder.resolve(name))) {
                files.add(folder.resolve(name));
            }
        }
        return files;
    }

    /** The files that a stage trains on. */
    List<Path> trainFiles(StageKind kind) {
        return kind == StageKind.SUPERVISED ? pairs : texts;
    }
}
