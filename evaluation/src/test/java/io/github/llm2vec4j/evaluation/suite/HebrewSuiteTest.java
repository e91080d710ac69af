package io.github.llm2vec4j.evaluation.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.evaluation.FakeEncoder;
import io.github.llm2vec4j.evaluation.result.Details;
import io.github.llm2vec4j.evaluation.result.ModelResult;
import io.github.llm2vec4j.evaluation.result.ResultTable;
import io.github.llm2vec4j.evaluation.result.TaskResult;
import io.github.llm2vec4j.evaluation.task.Classification;
import io.github.llm2vec4j.evaluation.task.Paraphrase;
import io.github.llm2vec4j.evaluation.task.Retrieval;
import io.github.llm2vec4j.evaluation.task.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HebrewSuiteTest {
    private static final List<String> EMBEDDED =
            List.of("pos", "ner", "topic-classification", "topic-clustering", "question-retrieval", "paraphrase");

    private static final List<String> FOLDER = List.of(
            "ud-htb-pos",
            "nemo-ner",
            "sentiment",
            "heq-retrieval",
            "hebnli-pairs",
            "tatoeba-bitext",
            "ntrex-bitext",
            "law-retrieval",
            "bill-retrieval",
            "law-reranking",
            "law-clustering");

    @Test
    void theEmbeddedTextGivesSixTasksThatRun() {
        Suite suite = HebrewSuite.embedded(EmbeddedText.read(MapFiles.of(embedded())), SuiteOptions.SHORT);
        assertThat(suite.tasks()).extracting(Task::name).containsExactlyElementsOf(EMBEDDED);
        assertThat(suite.skipped()).isEmpty();
        FakeEncoder encoder = new FakeEncoder();
        List<TaskResult> heard = new ArrayList<>();
        ModelResult model = suite.run("fake row", encoder, encoder, heard::add);
        assertThat(heard).isEqualTo(model.results()).hasSize(6);
        ModelResult baseline = suite.runBaselines(result -> {});
        assertThat(baseline.results()).extracting(TaskResult::model).contains("TF-IDF", "most frequent tag");
        String table = ResultTable.ofMainMetrics(List.of(model, baseline)).toText();
        assertThat(table).contains(EMBEDDED).contains("fake row", "TF-IDF / most frequent tag");
    }

    @Test
    void theCorpusHoldsThePassagesOfTrainToo() {
        Suite suite = HebrewSuite.embedded(EmbeddedText.read(MapFiles.of(embedded())), SuiteOptions.SHORT);
        Retrieval task =
                (Retrieval) suite.only(List.of("question-retrieval")).tasks().get(0);
        assertThat(task.corpus()).hasSize(16);
        assertThat(task.queries()).hasSize(4);
    }

    @Test
    void trainTextsHoldNoTestText() {
        Map<String, String> files = embedded();
        EmbeddedText split = EmbeddedText.read(MapFiles.of(files));
        String leaked = split.triples().test().get(0).sentence();
        files.merge("sentences-b.jsonl", "{\"text\": \"" + leaked + "\", \"topic\": \"leak\"}\n", String::concat);
        EmbeddedText text = EmbeddedText.read(MapFiles.of(files));
        assertThat(text.sentences().train())
                .extracting(EmbeddedText.Sentence::text)
                .contains(leaked);
        assertThat(text.trainTexts())
                .doesNotContain(leaked)
                .doesNotHaveDuplicates()
                .contains(text.questions().train().get(0).passage())
                .doesNotContain(text.questions().test().get(0).passage())
                .doesNotContain(text.words().test().get(0).text());
    }

    @Test
    void aMissingFileSkipsItsTasksByName() {
        Map<String, String> files = embedded();
        files.remove("words.conllu");
        files.remove("sentences-b.jsonl");
        Suite suite = HebrewSuite.embedded(EmbeddedText.read(MapFiles.of(files)), SuiteOptions.SHORT);
        assertThat(suite.tasks())
                .extracting(Task::name)
                .containsExactly("topic-classification", "topic-clustering", "question-retrieval", "paraphrase");
        assertThat(suite.skipped())
                .extracting(Skipped::toString)
                .containsExactly(
                        "sentences-b.jsonl skipped: data/sentences-b.jsonl is missing",
                        "words.conllu skipped: data/words.conllu is missing",
                        "pos skipped: words.conllu gives no test sentences, no train sentences",
                        "ner skipped: words.conllu gives no entities to test on, no entities to train on");
        assertThatThrownBy(() -> suite.only(List.of("pos")))
                .hasMessageContaining("found pos (skipped: words.conllu gives no");
    }

    @Test
    void sentencesWithoutEntitiesGiveNoEntityTask() {
        Map<String, String> files = embedded();
        files.compute("words.conllu", (name, text) -> String.valueOf(text).replace("Entity=B-PER", "_"));
        Suite suite = HebrewSuite.embedded(EmbeddedText.read(MapFiles.of(files)), SuiteOptions.SHORT);
        assertThat(suite.tasks()).extracting(Task::name).contains("pos").doesNotContain("ner");
        assertThat(suite.skipped()).extracting(Skipped::name).containsExactly("ner");
    }

    @Test
    void instructionsReachTheirTaskOnly() {
        SuiteOptions options = SuiteOptions.SHORT.withInstructions(Map.of("question-retrieval", "find"));
        Suite suite = HebrewSuite.embedded(EmbeddedText.read(MapFiles.of(embedded())), options);
        FakeEncoder encoder = new FakeEncoder();
        suite.run("m", encoder, encoder, result -> {});
        assertThat(encoder.seen.stream().filter(text -> text.startsWith("find|")))
                .hasSize(4);
        assertThat(encoder.seen).allMatch(text -> !text.contains("|") || text.startsWith("find|question"));
    }

    @Test
    void aFolderOfPublicDataGivesItsTasksUnderTheCaps(@TempDir Path folder) throws IOException {
        publicData().forEach((name, content) -> write(folder.resolve(name), content));
        Suite suite = HebrewSuite.folder(folder, new SuiteOptions(4, 3, Map.of()));
        assertThat(suite.skipped())
                .extracting(Skipped::toString)
                .singleElement()
                .satisfies(skipped -> assertThat(skipped)
                        .startsWith("hebnli-triples skipped: ")
                        .endsWith(
                                "has 0 premises of which something follows and something is contradicted; at least 30 are"
                                        + " needed"));
        assertThat(suite.tasks()).extracting(Task::name).containsExactlyElementsOf(FOLDER);
        assertThat(suite.tasks()).allMatch(task -> task.trainSize() <= 4 && task.testSize() <= 3);
        FakeEncoder encoder = new FakeEncoder();
        assertThat(suite.run("m", encoder, encoder, result -> {}).results()).hasSize(FOLDER.size());
        assertThat(suite.runBaselines(result -> {}).results()).hasSize(FOLDER.size());
        assertThat(TaskCard.all())
                .containsKeys(FOLDER.toArray(String[]::new))
                .containsKeys(EMBEDDED.toArray(String[]::new));
    }

    @Test
    void lawsOfTheTestPartAreNotInTheTrainPart(@TempDir Path folder) throws IOException {
        publicData().forEach((name, content) -> write(folder.resolve(name), content));
        DataFiles files = DataFiles.folder(folder);
        TitleBody laws = TitleBody.read(files, TitleBody.FILES.get(0));
        assertThat(laws.train()).hasSize(9 * 16);
        assertThat(laws.test()).hasSize(3 * 16);
        assertThat(laws.test())
                .extracting(TitleBody.Pair::whole)
                .doesNotContainAnyElementsOf(
                        laws.train().stream().map(TitleBody.Pair::whole).toList());
        List<List<TitleBody.Pair>> groups = laws.groups(2, 15);
        assertThat(groups).hasSize(2).allMatch(group -> group.size() == 15);
        Suite suite = HebrewSuite.folder(folder, SuiteOptions.FULL);
        assertThat(suite.only(List.of("law-retrieval")).tasks().get(0).testTexts())
                .isNotEmpty()
                .doesNotContainAnyElementsOf(
                        laws.train().stream().map(TitleBody.Pair::body).toList());
        assertThat(TitleBody.read(files, "none.tsv.gz").test()).isEmpty();
    }

    @Test
    void textsThatAreInTrainAndTestAreCounted() {
        Classification leaking = new Classification(
                "c",
                null,
                List.of(new Classification.Labelled("a ", "x"), new Classification.Labelled("b", "y")),
                List.of(
                        new Classification.Labelled("a", "x"),
                        new Classification.Labelled("a", "x"),
                        new Classification.Labelled("c", "y")));
        Retrieval trained = new Retrieval("r", null, List.of(new Retrieval.Query("q", Set.of(0))), List.of("p", "c"));
        Suite suite = new Suite("s", List.of(leaking, trained), List.of());
        assertThat(LeakCheck.of(suite, List.of("q", "c")))
                .containsExactly(new LeakCheck("c", 2, 1, 1), new LeakCheck("r", 3, 0, 2))
                .allMatch(LeakCheck::leaks);
        assertThat(LeakCheck.of(suite, List.of()).get(1).leaks()).isFalse();
        assertThat(suite.withoutWords().tasks()).hasSize(2);
    }

    @Test
    void noTextOfTheEmbeddedSuiteIsInItsTrainPart() {
        EmbeddedText text = EmbeddedText.read(MapFiles.of(embedded()));
        Suite suite = HebrewSuite.embedded(text, SuiteOptions.FULL);
        assertThat(LeakCheck.of(suite.only(List.of("topic-classification", "paraphrase")), text.trainTexts()))
                .noneMatch(LeakCheck::leaks);
        assertThat(suite.withoutWords().tasks()).extracting(Task::name).doesNotContain("pos", "ner");
    }

    @Test
    void triplesAreMadeOfPremisesThatHaveBoth(@TempDir Path folder) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            for (String label : List.of("entailment", "neutral", "contradiction")) {
                rows.append(("{\"translation1\": \"premise %d\", \"translation2\": \"%s %1$d\", "
                                + "\"original_label\": \"%2$s\"}%n")
                        .formatted(i, label));
            }
        }
        write(folder.resolve("hebnli/HebNLI_val.jsonl"), rows.toString());
        Suite suite = HebrewSuite.folder(folder, SuiteOptions.FULL).only(List.of("hebnli-triples"));
        assertThat(((Paraphrase) suite.tasks().get(0)).triples())
                .hasSize(40)
                .contains(new Paraphrase.Triple("premise 7", "entailment 7", "contradiction 7"));
    }

    @Test
    void translationsOfAnotherLengthAreAnError(@TempDir Path folder) {
        write(folder.resolve("tatoeba/tatoeba_dev.he"), "a\nb\n");
        write(folder.resolve("tatoeba/tatoeba_dev.en"), "a\n");
        assertThatThrownBy(() -> HebrewSuite.folder(folder, SuiteOptions.FULL))
                .hasMessageEndingWith("expected 2 lines, as in tatoeba/tatoeba_dev.he, found 1");
    }

    @Test
    void mtebsDataIsWrittenUnderItsRevisionWhereItIsWhole() {
        TaskCard card = Objects.requireNonNull(TaskCard.all().get("SIB200Classification"));
        TaskResult whole = scored(204);
        assertThat(MtebFiles.of(whole, card, "ours").path("dataset_revision").asText())
                .isEqualTo("a74d7350ea12af010cfb1c21e34f1f81fd2e615b");
        assertThat(MtebFiles.of(whole, card, "ours")
                        .at("/scores/test/0/hf_subset")
                        .asText())
                .isEqualTo("heb_Hebr");
        assertThat(MtebFiles.of(scored(203), card, "ours")
                        .path("dataset_revision")
                        .asText())
                .isEqualTo("ours");
    }

    private static TaskResult scored(int test) {
        return new TaskResult(
                "SIB200Classification",
                "m",
                "accuracy",
                Map.of("accuracy", 0.5),
                56,
                test,
                new Details(List.of(), Map.of(), Map.of()));
    }

    @Test
    void whatAHubDataSetLacksIsSaid() {
        HubTables tables = (set, config, split, columns) -> config != null && config.endsWith("-qrels")
                ? List.of(Map.of("query-id", "q", "corpus-id", "none", "score", "1"))
                : List.of(Map.of("id", "d", "text", "t"));
        assertThatThrownBy(() -> HebrewSuite.mteb("MKQARetrieval", tables, SuiteOptions.FULL))
                .hasMessageContaining("mteb/MKQARetrieval@")
                .hasMessageEndingWith(
                        "he-qrels, train, line 1: expected a passage of the corpus in column corpus-id, found none");
        assertThat(HebrewSuite.mteb("Tatoeba", (set, config, split, columns) -> List.of(), SuiteOptions.FULL)
                        .skipped())
                .singleElement()
                .asString()
                .endsWith("gives no sentence pairs");
        assertThatThrownBy(() -> HebrewSuite.mteb("STS12", tables, SuiteOptions.FULL))
                .hasMessageContaining("found STS12");
    }

    @Test
    void instructionsAreNamedAsHereOrAsInMteb(@TempDir Path folder) {
        assertThat(TaskCard.instructions("he").get("sentiment")).contains("סווג");
        assertThat(TaskCard.instructions("en")).hasSameSizeAs(TaskCard.instructions("he"));
        write(folder.resolve("i.json"), "{\"Tatoeba\": \"translate\", \"heq-retrieval\": \"find\"}");
        assertThat(TaskCard.instructions(folder.resolve("i.json")))
                .containsEntry("tatoeba-bitext", "translate")
                .containsEntry("heq-retrieval", "find");
        write(folder.resolve("bad.json"), "[1]");
        assertThatThrownBy(() -> TaskCard.instructions(folder.resolve("bad.json")))
                .hasMessageContaining("expected a JSON object of task names and instructions");
        assertThatThrownBy(() -> TaskCard.instructions("fr")).hasMessageContaining("found fr");
    }

    @Test
    void anEmptyFolderSkipsEverythingAndNoFolderIsAnError(@TempDir Path folder) {
        Suite suite = HebrewSuite.folder(folder, SuiteOptions.FULL);
        assertThat(suite.tasks()).isEmpty();
        assertThat(suite.skipped()).hasSize(12).allMatch(s -> s.reason().startsWith(folder.toString()));
        assertThatThrownBy(() -> HebrewSuite.folder(folder.resolve("none"), SuiteOptions.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("none: expected a folder with Hebrew data sets, found none");
    }

    @Test
    void anUnknownInferenceLabelIsAnError(@TempDir Path folder) {
        String row = "{\"translation1\": \"a\", \"translation2\": \"b\", \"original_label\": \"maybe\"}";
        write(folder.resolve("hebnli/HebNLI_val.jsonl"), row);
        assertThatThrownBy(() -> HebrewSuite.folder(folder, SuiteOptions.FULL))
                .hasMessageEndingWith("line 1: expected entailment, contradiction, neutral or -, found maybe");
    }

    private static Map<String, String> embedded() {
        StringBuilder sentences = new StringBuilder();
        StringBuilder questions = new StringBuilder();
        StringBuilder triples = new StringBuilder();
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            String topic = i % 2 == 0 ? "food" : "sport";
            sentences.append("{\"text\": \"%s sentence %d\", \"topic\": \"%1$s\"}%n".formatted(topic, i));
            questions.append("{\"question\": \"question %d\", \"passage\": \"passage of %d\", \"topic\": \"%s\"}%n"
                    .formatted(i, i, topic));
            triples.append(
                    ("{\"sentence\": \"triple %d\", \"paraphrase\": \"other triple %d\", \"negative\": \"no %d\", "
                                    + "\"topic\": \"%s\"}%n")
                            .formatted(i, i, i, topic));
            words.append("# topic = %s%n1\tדנה%d\t_\tPROPN\t_\t_\t_\t_\t_\tEntity=B-PER%n".formatted(topic, i))
                    .append("2\tרצה\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n");
        }
        Map<String, String> files = new HashMap<>();
        files.put("sentences-a.jsonl", sentences.toString());
        files.put("sentences-b.jsonl", sentences.toString().replace("sentence", "line"));
        files.put("questions.jsonl", questions.toString());
        files.put("triples.jsonl", triples.toString());
        files.put("words.conllu", words.toString());
        return files;
    }

    private static Map<String, String> publicData() {
        StringBuilder conllu = new StringBuilder();
        StringBuilder entities = new StringBuilder();
        StringBuilder sentiment = new StringBuilder("comment\tlabel\n");
        StringBuilder inference = new StringBuilder();
        StringBuilder questions = new StringBuilder();
        List<String> labels = List.of("entailment", "contradiction", "neutral", "-");
        for (int i = 0; i < 12; i++) {
            conllu.append("1\tword%d\t_\tNOUN\t_\t_\t0\t_\t_\t_%n2\truns\t_\tVERB\t_\t_\t1\t_\t_\t_%n%n".formatted(i));
            entities.append("name%d S-PER%nruns O%n%n".formatted(i));
            sentiment.append("comment %d\t%d%n".formatted(i, i % 2));
            inference.append(("{\"translation1\": \"premise %d\", \"translation2\": \"hypothesis %d\", "
                            + "\"original_label\": \"%s\"}%n")
                    .formatted(i, i, labels.get(i % 4)));
            questions
                    .append(i == 0 ? "" : ", ")
                    .append("{\"question\": \"q %d\", \"answers\": [{\"text\": \"a\"}]}".formatted(i));
        }
        Map<String, String> files = new HashMap<>(Map.of(
                "ud-htb/he_htb-ud-dev.conllu", conllu.toString(),
                "ud-htb/he_htb-ud-test.conllu", conllu.toString(),
                "nemo/token-single_gold_train.bmes", entities.toString(),
                "nemo/token-single_gold_test.bmes", entities.toString(),
                "sentiment/train.tsv", sentiment.toString(),
                "sentiment/test_gold.tsv", sentiment.toString(),
                "hebnli/HebNLI_val.jsonl", inference.toString(),
                "heq/heq_val_v1.1.json",
                        "{\"data\": [{\"paragraphs\": [{\"context\": \"p\", \"qas\": [" + questions + "]}]}]}"));
        StringBuilder laws = new StringBuilder();
        StringBuilder bills = new StringBuilder();
        StringBuilder lines = new StringBuilder();
        for (int law = 0; law < 12; law++) {
            bills.append("bill %d\tsummary %d%n".formatted(law, law));
            lines.append("line %d%n".formatted(law));
            for (int section = 0; section < 16; section++) {
                laws.append("law %d: title %d\tbody %d of %d%n".formatted(law, section, section, law));
            }
        }
        files.put("title-body/law_sections.tsv.gz", laws.toString());
        files.put("title-body/bill_summaries.tsv.gz", bills.toString());
        for (String name : List.of("tatoeba/tatoeba_dev", "ntrex/ntrex_dev")) {
            files.put(name + ".he", lines.toString());
            files.put(name + ".en", lines.toString());
        }
        return files;
    }

    private static void write(Path file, String content) {
        try {
            Files.createDirectories(file.getParent());
            if (file.toString().endsWith(".gz")) {
                try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
                    out.write(content.getBytes(StandardCharsets.UTF_8));
                }
            } else {
                Files.writeString(file, content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
