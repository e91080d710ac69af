package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every training configuration of the reference, from its file as it is: one step, on a tiny model and a little data in the
 * place of those that are named. Aborted where the files are not at hand.
 */
class ReferenceConfigsTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path folder;

    @TestFactory
    Stream<DynamicTest> everyConfigurationTrainsAsItIs() throws IOException {
        Path root = Golden.SHARED.folder().resolveSibling("reference-configs");
        makeData();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> file.toString().endsWith(".json"))
                    .filter(file -> !stage(root.relativize(file)).isEmpty())
                    .sorted()
                    .toList();
        }
        assertThat(files).hasSizeGreaterThanOrEqualTo(16);
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(
                        root.relativize(file).toString(), () -> train(stage(root.relativize(file)), file)));
    }

    /** The stage that a configuration is for; none for word tasks and for tests. */
    private static String stage(Path file) {
        String path = file.toString().replace('\\', '/');
        return Stream.of("mntp", "simcse", "supervised")
                .filter(stage -> !path.startsWith("test_configs")
                        && (path.contains("/" + stage + "/") || path.endsWith("/" + stage + ".json")))
                .findFirst()
                .orElse("");
    }

    /** Lines and rows enough for one batch of each configuration, and a table like HeDC4 with its empty rows. */
    private static void makeData() throws IOException {
        Files.write(
                folder.resolve("lines.txt"),
                IntStream.range(0, 3000)
                        .mapToObj(i -> "line " + i + " of a text about rivers")
                        .toList());
        Files.write(
                Files.createDirectories(folder.resolve("e5")).resolve("allnli.jsonl"),
                IntStream.range(0, 70)
                        .mapToObj(i -> JSON.createObjectNode()
                                .put("query", "query " + i)
                                .put("positive", "positive " + i)
                                .put("negative", "negative " + i)
                                .toString())
                        .toList());
        Files.writeString(
                folder.resolve("hedc4.csv"),
                IntStream.range(0, 30_300)
                        .mapToObj(i -> i % 50 == 7 ? "\"\"" : "\"row " + i + "\nof text\"")
                        .collect(Collectors.joining("\n", "text\n", "\n")));
    }

    private static void train(String stage, Path file) throws IOException {
        byte[] before = Files.readAllBytes(file);
        JsonNode config = JSON.readTree(before);
        Path out = Files.createTempDirectory(folder, stage);
        List<String> args = new ArrayList<>(List.of("train", stage, file.toString()));
        set(args, "model_name_or_path", Golden.OWN.file("models/mistral"));
        set(args, "output_dir", out);
        set(args, "max_steps", 1);
        set(args, "workers", 1);
        if (config.has("peft_model_name_or_path")) {
            set(args, "peft_model_name_or_path", Golden.OWN.file("adapters/mistral-mntp"));
        }
        String dataset = config.path("dataset_name").asText();
        boolean hedc4 = dataset.equals("HeNLP/HeDC4");
        if (stage.equals("supervised") || stage.equals("simcse") && !hedc4) {
            set(args, "dataset_file_path", folder.resolve(stage.equals("supervised") ? "e5" : "lines.txt"));
        } else {
            set(args, "train_file", folder.resolve(hedc4 ? "hedc4.csv" : "lines.txt"));
        }

        List<String> explained = new ArrayList<>(args);
        explained.add("--explain");
        Cli.Result explanation = Cli.run(explained.toArray(String[]::new)).assertDone();
        assertThat(explanation.out()).contains("stage " + stage, "learning rate", "memory, about");
        if (hedc4) {
            assertThat(explanation.out())
                    .containsPattern(stage.equals("mntp") ? "rows +30,000\n" : "rows +300\n")
                    .containsPattern(stage.equals("mntp") ? "rows without a text +600\n" : "rows without a text +6\n");
        }
        assertThat(out).isEmptyDirectory();

        Cli.Result result = Cli.run(args.toArray(String[]::new)).assertDone();
        assertThat(result.err())
                .as("keys without meaning are named in a warning")
                .contains("WARN")
                .contains("without meaning here: ")
                .contains("attn_implementation", "do_train");
        try (Llm2Vec model = Llm2Vec.load(out.toString())) {
            assertThat(model.encode(List.of("a text"))[0]).hasSize(32);
        }
        assertThat(Files.readAllBytes(file)).as("the file is as it was").isEqualTo(before);
    }

    private static void set(List<String> args, String key, Object value) {
        args.addAll(List.of("--set", key + "=" + value));
    }
}
