package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    @TempDir
    static Path folder;

    private static String model;

    @BeforeAll
    static void copyTheModel() throws IOException {
        model = Golden.OWN.copy("models/mistral", folder.resolve("model")).toString();
    }

    private static String[] evaluate(String... more) {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "evaluate", "--cache", folder.resolve("cache").toString()),
                        java.util.stream.Stream.of(more))
                .toArray(String[]::new);
    }

    @Test
    void twoReadingsOfAModelStandSideBySide() throws IOException {
        Path out = folder.resolve("out");
        Cli.Result first = Cli.run(evaluate(
                        "--model",
                        model,
                        "--baselines",
                        "--task",
                        "paraphrase",
                        "--task",
                        "topic-classification",
                        "--probes",
                        "few_shot",
                        "--instructions",
                        "he",
                        "--space",
                        "--out",
                        out.toString()))
                .assertDone();
        assertThat(first.out())
                .contains("decoder, causal", "static tokens", "TF-IDF", "8_shot_accuracy", " ±0.0", "anisotropy")
                .contains("* best; ~ behind the best");
        assertThat(first.err()).contains("paraphrase").contains("average_precision");
        JsonNode json = new JsonMapper().readTree(out.resolve("report.json").toFile());
        assertThat(json.at("/table/rows")).hasSize(4);
        assertThat(json.at("/run/command").asText()).contains("--baselines");
        Cli.Result second = Cli.run(evaluate(
                        "--model",
                        model,
                        "--baselines",
                        "--task",
                        "paraphrase",
                        "--task",
                        "topic-classification",
                        "--probes",
                        "few_shot",
                        "--instructions",
                        "he",
                        "--space",
                        "--quiet"))
                .assertDone();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).isEmpty();
    }

    @Test
    void aTaskOfTaggedWordsNeedsTwoFiles() throws IOException {
        Path words = Files.writeString(folder.resolve("words.txt"), "Dana B-PER\nruns O\n\n".repeat(8));
        assertThat(Cli.run(evaluate(
                                "--model", model, "--tagged", "ner_tags=" + words + "," + words, "--task", "ner_tags"))
                        .assertDone()
                        .out())
                .contains("ner_tags", "entity_f1");
        Cli.run(evaluate("--model", model, "--tagged", "ner_tags=" + words))
                .assertRefused("--tagged ner_tags=", "TRAIN,TEST");
        Cli.run(evaluate("--model", model, "--tagged", "ner_tags=" + words + ",none.txt"))
                .assertRefused("none.txt");
        Cli.run(evaluate("--model", model, "--tagged", "verses=" + words)).assertRefused("verses", "NER_TAGS");
    }

    @Test
    void anotherProgramMayMakeTheVectors() throws IOException {
        Path texts = folder.resolve("texts.jsonl");
        Cli.run(evaluate("--texts", texts.toString(), "--task", "paraphrase")).assertDone();
        List<String> lines = Files.readAllLines(texts);
        assertThat(lines).hasSizeGreaterThan(100);
        StringBuilder vectors = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            vectors.append("{\"text\": %s, \"embedding\": [%d, 1, %d]}%n".formatted(lines.get(i), i % 7, i % 3));
        }
        Path file = Files.writeString(folder.resolve("vectors.jsonl"), vectors.toString());
        assertThat(Cli.run(evaluate("--embeddings", "other=" + file, "--task", "paraphrase"))
                        .assertDone()
                        .out())
                .contains("other", "triple_accuracy");
        Path few = Files.writeString(folder.resolve("few.jsonl"), "{\"text\": \"a\", \"embedding\": [1]}");
        Cli.run(evaluate("--embeddings", "other=" + few, "--task", "paraphrase"))
                .assertRefused("few.jsonl: has no vector for");
    }

    @Test
    void encodeKeepsVectorsWhereItIsTold() throws IOException {
        Path in = Files.writeString(folder.resolve("in.txt"), "one\ntwo\none\n");
        Path cache = folder.resolve("vectors");
        List<byte[]> files = new java.util.ArrayList<>();
        for (String[] more : List.of(
                new String[] {}, new String[] {"--cache", cache.toString()}, new String[] {"--cache", cache.toString()
                })) {
            Path out = folder.resolve("v" + files.size() + ".npy");
            String[] plain = {
                "encode", "--model", model, "--in", in.toString(), "--out", out.toString(), "--dtype", "float32"
            };
            Cli.run(java.util.stream.Stream.of(plain, more)
                            .flatMap(java.util.Arrays::stream)
                            .toArray(String[]::new))
                    .assertDone();
            files.add(Files.readAllBytes(out));
        }
        assertThat(files.get(1)).isEqualTo(files.get(2));
        assertThat(files.get(1)).hasSameSizeAs(files.get(0));
        try (java.util.stream.Stream<Path> kept = Files.walk(cache)) {
            assertThat(kept.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void aTableOfScoredPairsIsATask() throws IOException {
        Path table = Files.writeString(
                folder.resolve("sts.csv"),
                "sentence1,sentence2,score\nהילד רץ,הילד רץ,5\nהילד רץ,הילד הולך,2.5\nהילד רץ,מחיר הדלק עלה,0\n");
        assertThat(Cli.run(evaluate("--model", model, "--sts", "stsb-he=" + table, "--task", "stsb-he"))
                        .assertDone()
                        .out())
                .contains("stsb-he", "cosine_spearman", "cosine_pearson");
        Files.writeString(table, "sentence1,sentence2,score\na,b,high\n");
        Cli.run(evaluate("--model", model, "--sts", "stsb-he=" + table))
                .assertRefused("sts.csv", "line 2", "a number in column 'score'", "high");
        Files.writeString(table, "a,b,score\na,b,1\n");
        Cli.run(evaluate("--model", model, "--sts", "stsb-he=" + table)).assertRefused("no column 'sentence1'");
        Cli.run(evaluate("--model", model, "--sts", "stsb-he=none.csv")).assertRefused("none.csv");
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        Cli.run(evaluate()).assertRefused("give a model (--model) or vectors (--embeddings)");
        Cli.run(evaluate("--model", model, "--suite", "hebrew", "--task", "sentiment"))
                .assertRefused("--task sentiment", "BelebeleRetrieval", "--data");
        Cli.run(evaluate("--model", model, "--suite", "english")).assertRefused("expected hebrew or embedded");
        Cli.run(evaluate("--model", model, "--suite", "embedded", "--data", "x"))
                .assertRefused("--data");
        Cli.run(evaluate("--model", model, "--instructions", "fr")).assertRefused("en or he, found fr");
        Cli.run(evaluate("--model", model, "--max-test", "0")).assertRefused("maxTest >= 1");
        Cli.run(evaluate("--model", model, "--probes", "svm")).assertRefused("--probes");
    }
}
