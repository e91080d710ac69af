package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.hub.HubServer;
import io.github.llm2vec4j.evaluation.suite.HubData;
import io.github.llm2vec4j.evaluation.suite.TaskCard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MTEB's tasks on a hub that has a few rows of each, in the files and columns of the true data sets. */
class HubEvaluationTest {
    private static final JsonMapper JSON = new JsonMapper();

    /** Test items of each stand-in. */
    private static final int ITEMS = 6;

    @TempDir
    private Path folder;

    private final HubServer server = HubServer.start();
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void serve() throws Exception {
        variables.put("HF_ENDPOINT", server.endpoint().toString());
        variables.put("HF_HOME", folder.resolve("home").toString());
        variables.put("HF_HUB_CACHE", "");
        variables.put("HF_HUB_OFFLINE", "0");
        variables.put("HF_TOKEN", "");
        for (String massive : List.of("MassiveIntentClassification", "MassiveScenarioClassification")) {
            put(
                    massive,
                    card("he", "train", "train/he.json.gz", "test", "test/he.json.gz")
                            + card("en", "test", "test/en.json.gz"),
                    Map.of(
                            "train/he.json.gz", gzip(labelled("label", "text", 20)),
                            "test/he.json.gz", gzip(labelled("label", "text", ITEMS)),
                            "test/en.json.gz", gzip(List.of(Map.of("label", "x", "text", "not this")))));
        }
        put(
                "SIB200Classification",
                card("heb_Hebr", "train", "heb_Hebr/train-*", "test", "heb_Hebr/test-*"),
                Map.of(
                        "heb_Hebr/train-00000-of-00001.parquet", parquet(labelled("category", "text", 20)),
                        "heb_Hebr/test-00000-of-00001.parquet", parquet(labelled("category", "text", ITEMS))));
        put(
                "HebrewSentimentAnalysis",
                card("default", "train", "data/train-*", "test", "data/test-*"),
                Map.of(
                        "data/train-00000-of-00001.parquet", parquet(numbered("label", 20)),
                        "data/test-00000-of-00001.parquet", parquet(numbered("label", ITEMS))));
        put(
                "HebrewSentimentAnalysis.v3",
                card("default", "train", "data/train-*", "test", "data/test-*"),
                Map.of(
                        "data/train-00000-of-00001.parquet", parquet(numbered("labels", 20)),
                        "data/test-00000-of-00001.parquet", parquet(numbered("labels", ITEMS))));
        put(
                "BelebeleRetrieval",
                card("heb_Hebr", "test", "data/heb_Hebr.jsonl"),
                Map.of(
                        "data/heb_Hebr.jsonl",
                        lines(IntStream.range(0, ITEMS)
                                .mapToObj(i -> Map.<String, Object>of(
                                        "link", "https://x/" + i / 2,
                                        "question_number", i % 2,
                                        "flores_passage", "קטע מספר " + i / 2,
                                        "question", "שאלה " + i + " על קטע " + i / 2,
                                        "correct_answer_num", "1"))
                                .toList())));
        for (String retrieval : List.of("MKQARetrieval", "WebFAQRetrieval")) {
            HubData data = data(retrieval);
            String language = Objects.requireNonNull(data.config());
            String split = data.split();
            Map<String, byte[]> files = new HashMap<>();
            files.put(name(language + "-corpus", split), parquet(corpus(retrieval.equals("WebFAQRetrieval"))));
            files.put(name(language + "-queries", split), parquet(queries(retrieval.equals("WebFAQRetrieval"))));
            files.put(
                    name(language + "-qrels", split),
                    parquet(IntStream.range(0, ITEMS)
                            .mapToObj(
                                    i -> Map.<String, Object>of("query-id", "q" + i, "corpus-id", "d" + i, "score", 1))
                            .toList()));
            StringBuilder card = new StringBuilder();
            for (String part : List.of("-corpus", "-queries", "-qrels")) {
                card.append(card(language + part, split, language + part + "/" + split + "-*"));
            }
            put(retrieval, card.toString(), files);
        }
        put(
                "Tatoeba",
                card("heb-eng", "test", "test/heb-eng.jsonl.gz"),
                Map.of("test/heb-eng.jsonl.gz", gzip(translations("sentence1", "sentence2"))));
        for (String bitext : List.of("FloresBitextMining", "NTREXBitextMining")) {
            String split = data(bitext).split();
            put(
                    bitext,
                    card("default", split, "data/" + split + "-*"),
                    Map.of(name("data", split), parquet(translations("heb_Hebr", "eng_Latn"))));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static HubData data(String task) {
        return TaskCard.onHub().get(task);
    }

    private static String name(String config, String split) {
        return config + "/" + split + "-00000-of-00001.parquet";
    }

    private void put(String task, String configs, Map<String, byte[]> files) {
        Map<String, byte[]> all = new HashMap<>(files);
        all.put("README.md", ("---\nconfigs:\n" + configs + "---\n").getBytes(StandardCharsets.UTF_8));
        server.repo("datasets/" + data(task).dataSet()).at(data(task).revision(), all);
    }

    /** What the head of a data set's page says of a configuration: pairs of a split and its files. */
    private static String card(String config, String... splits) {
        StringBuilder card = new StringBuilder("- config_name: " + config + "\n  data_files:\n");
        for (int i = 0; i < splits.length; i += 2) {
            card.append("  - split: ")
                    .append(splits[i])
                    .append("\n    path: ")
                    .append(splits[i + 1])
                    .append('\n');
        }
        return card.toString();
    }

    private static List<Map<String, Object>> labelled(String label, String text, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Map.<String, Object>of(
                        "id", "" + i, label, i % 2 == 0 ? "weather" : "music", text, sentence(i) + " " + count))
                .toList();
    }

    private static String sentence(int i) {
        return (i % 2 == 0 ? "מה מזג האוויר בעיר " : "נגן את השיר ") + i;
    }

    private static List<Map<String, Object>> numbered(String label, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Map.<String, Object>of(label, i % 2, "text", sentence(i) + " " + count))
                .toList();
    }

    private static List<Map<String, Object>> corpus(boolean titled) {
        return IntStream.range(0, ITEMS + 2)
                .mapToObj(i -> titled
                        ? Map.<String, Object>of("id", "d" + i, "title", "כותרת", "text", "תשובה " + i)
                        : Map.<String, Object>of("_id", "d" + i, "title", "", "text", "תשובה " + i))
                .toList();
    }

    /** One query more than there are answers to. */
    private static List<Map<String, Object>> queries(boolean titled) {
        return IntStream.range(0, ITEMS + 1)
                .mapToObj(i -> Map.<String, Object>of(titled ? "id" : "_id", "q" + i, "text", "שאלה " + i))
                .toList();
    }

    private static List<Map<String, Object>> translations(String first, String second) {
        return IntStream.range(0, ITEMS)
                .mapToObj(i -> Map.<String, Object>of(first, "משפט מספר " + i, second, "sentence number " + i))
                .toList();
    }

    private static byte[] lines(List<Map<String, Object>> rows) {
        return rows.stream()
                .map(row -> JSON.valueToTree(row).toString() + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(List<? extends Map<String, ?>> rows) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            for (Map<String, ?> row : rows) {
                out.write((JSON.<ObjectNode>valueToTree(row) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private byte[] parquet(List<Map<String, Object>> rows) throws SQLException, IOException {
        List<String> columns = List.copyOf(rows.get(0).keySet());
        String values = rows.stream()
                .map(row -> columns.stream()
                        .map(column ->
                                row.get(column) instanceof Number number ? "" + number : "'" + row.get(column) + "'")
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        String names = columns.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        Path file = folder.resolve("made.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM (VALUES " + values + ") rows(" + names + ")) TO '" + file
                    + "' (FORMAT PARQUET)");
        }
        return Files.readAllBytes(file);
    }

    private Cli.Result evaluate(String... more) throws Exception {
        List<String> args = new ArrayList<>(List.of("evaluate", "--no-cache", "--model"));
        args.add(folder.resolve("model").toString());
        args.addAll(List.of(more));
        if (!Files.exists(folder.resolve("model"))) {
            Golden.OWN.copy("models/mistral", folder.resolve("model"));
        }
        return Cli.runAlone(variables, "", args.toArray(String[]::new));
    }

    private JsonNode scores(Path out, String task) throws IOException {
        try (Stream<Path> files = Files.walk(out.resolve("mteb/llm2vec4j__model"))) {
            Path file = files.filter(path -> path.endsWith(task + ".json"))
                    .findFirst()
                    .orElseThrow();
            return JSON.readTree(file.toFile());
        }
    }

    @Test
    void everyTaskIsReadFromItsDataSet() throws Exception {
        Path out = folder.resolve("out");
        Cli.Result result = evaluate(
                        "--suite", "hebrew", "--baselines", "--instructions", "he", "--out", out.toString())
                .assertDone();
        assertThat(result.err()).doesNotContain("skipped");
        JsonNode json = JSON.readTree(out.resolve("results.json").toFile());
        Map<String, Integer> tested = new HashMap<>();
        json.path("results")
                .forEach(row ->
                        tested.put(row.path("task").asText(), row.path("test").asInt()));
        assertThat(tested).containsOnlyKeys(TaskCard.onHub().keySet());
        assertThat(tested.values()).containsOnly(ITEMS);

        JsonNode tatoeba = scores(out, "Tatoeba");
        assertThat(tatoeba.at("/scores/test/0/hf_subset").asText()).isEqualTo("heb-eng");
        assertThat(tatoeba.path("dataset_revision").asText())
                .as("not MTEB's whole data, so not under its revision")
                .isNotEqualTo(data("Tatoeba").revision());
        assertThat(scores(out, "MKQARetrieval").at("/scores/train/0/ndcg_at_10").isNumber())
                .isTrue();
        assertThat(scores(out, "FloresBitextMining").at("/scores/devtest/0/f1").isNumber())
                .isTrue();
        assertThat(scores(out, "SIB200Classification").at("/scores/test/0/accuracy_by_seed"))
                .hasSize(10);
    }

    @Test
    void aTaskIsTakenByItsNameBesideThoseOfTheProject() throws Exception {
        Cli.Result both = evaluate("--task", "Tatoeba", "--task", "paraphrase", "--max-test", "4")
                .assertDone();
        assertThat(both.out()).contains("Tatoeba", "paraphrase").doesNotContain("Belebele", "topic");
        assertThat(server.seen()).noneMatch(seen -> seen.path().contains("belebele"));
        variables.put("HF_HUB_OFFLINE", "1");
        assertThat(evaluate("--task", "Tatoeba").assertDone().out())
                .as("what was fetched is there without a network")
                .contains("Tatoeba")
                .doesNotContain("paraphrase");
        evaluate("--task", "MKQARetrieval").assertRefused("mteb/MKQARetrieval");
    }

    @Test
    void whatCannotBeHadIsSkippedInTheSuiteAndAnErrorByItsName() throws Exception {
        HubData belebele = data("BelebeleRetrieval");
        server.repo("datasets/" + belebele.dataSet()).at(belebele.revision(), Map.of("script.py", new byte[] {'x'}));
        Cli.Result suite = evaluate("--suite", "hebrew", "--max-test", "2").assertDone();
        assertThat(suite.err()).contains("BelebeleRetrieval skipped: ", "script.py");
        assertThat(suite.out()).contains("Tatoeba").doesNotContain("Belebele");
        evaluate("--task", "BelebeleRetrieval").assertRefused("mteb/belebele", "script.py");

        HubData tatoeba = data("Tatoeba");
        server.repo("datasets/" + tatoeba.dataSet())
                .at(tatoeba.revision(), Map.of("heb-eng/test.jsonl.gz", gzip(translations("sentence1", "other"))));
        evaluate("--task", "Tatoeba").assertRefused("no configuration 'heb-eng'");
        put(
                "Tatoeba",
                card("heb-eng", "test", "test/heb-eng.jsonl.gz"),
                Map.of("test/heb-eng.jsonl.gz", gzip(translations("sentence1", "other"))));
        evaluate("--task", "Tatoeba").assertRefused("heb-eng, test, line 1", "column sentence2", "[sentence1]");
    }
}
