package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every training configuration of the reference with the models and adapters that it names, from a hub on which these
 * names mean tiny ones: one step each. Aborted where the files are not at hand.
 */
class ReferenceConfigsOnHubTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    @Test
    void everyModelAndAdapterIsFoundByItsName() throws Exception {
        Path root = Golden.SHARED.folder().resolveSibling("reference-configs");
        List<Path> configs;
        try (Stream<Path> walk = Files.walk(root)) {
            configs = walk.filter(
                            file -> file.toString().endsWith(".json") && !file.startsWith(root.resolve("test_configs")))
                    .sorted()
                    .toList();
        }
        makeData();
        try (HubServer hub = HubServer.start()) {
            List<String> lines = new ArrayList<>();
            for (Path config : configs) {
                serve(hub, JSON.readTree(config.toFile()));
                lines.add(String.join("\t", train(root.relativize(config).toString(), config)));
            }
            Map<String, String> variables = Map.of(
                    "HF_ENDPOINT", hub.endpoint().toString(),
                    "HF_HOME", folder.resolve("home").toString(),
                    "HF_HUB_CACHE", "",
                    "HF_HUB_OFFLINE", "0",
                    "HF_TOKEN", "");

            Cli.Result result = Cli.runLines(variables, lines);

            assertThat(result.out().lines()).as(result.err()).isEqualTo(Collections.nCopies(configs.size(), "0"));
            assertThat(configs).hasSizeGreaterThanOrEqualTo(28);
        }
        JsonNode chain =
                JSON.readTree(folder.resolve("train_configs-word-task-Mistral-bi-mntp-simcse.json/llm2vec4j.json")
                        .toFile());
        assertThat(chain.path("base_model").asText()).matches("mistralai/Mistral-7B-Instruct-v0\\.2@[0-9a-f]{40}");
        assertThat(chain.path("adapters_before"))
                .extracting(JsonNode::asText)
                .satisfiesExactly(
                        first -> assertThat(first)
                                .matches("McGill-NLP/LLM2Vec-Mistral-7B-Instruct-v2-mntp@[0-9a-f]{40}"),
                        second -> assertThat(second)
                                .matches("McGill-NLP/LLM2Vec-Mistral-7B-Instruct-v2-mntp-unsup-simcse@[0-9a-f]{40}"));
    }

    private void makeData() throws IOException {
        Files.write(
                folder.resolve("lines.txt"),
                IntStream.range(0, 1500)
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
        Files.writeString(folder.resolve("words.txt"), "river NOUN\nflows VERB\n\n".repeat(8));
    }

    /** The data and the places are ours; the models stay those of the file, but for a folder of its author's. */
    private List<String> train(String name, Path file) throws IOException {
        String stage = Stream.of("mntp", "simcse", "supervised", "word")
                .filter(kind -> name.contains("/" + kind))
                .findFirst()
                .orElseThrow();
        List<String> args = new ArrayList<>(List.of("train", stage, file.toString()));
        set(args, "output_dir", folder.resolve(name.replace('/', '-').replace('\\', '-')));
        set(args, "max_steps", 1);
        set(args, "workers", 1);
        set(args, "torch_dtype", "float32");
        set(args, "dataset_start_index", 0);
        JsonNode config = JSON.readTree(file.toFile());
        if (config.path("peft_model_name_or_path").asText().matches("[./].*")) {
            set(args, "peft_model_name_or_path", Golden.OWN.file("adapters/mistral-mntp"));
        }
        if (stage.equals("word")) {
            set(args, "train_file", folder.resolve("words.txt"));
            set(args, "eval_file", folder.resolve("words.txt"));
        } else {
            set(args, "train_file", folder.resolve(stage.equals("supervised") ? "e5" : "lines.txt"));
        }
        return args;
    }

    private static void set(List<String> args, String key, Object value) {
        args.addAll(List.of("--set", key + "=" + value));
    }

    /** The tiny model under the name of a base, the tiny adapter for it under that of an adapter. */
    private static void serve(HubServer hub, JsonNode config) throws IOException {
        String model = config.path("model_name_or_path").asText();
        Stream.of(
                        model,
                        config.path("peft_addr").asText(),
                        config.path("peft_model_name_or_path").asText())
                .filter(name -> name.matches("[A-Za-z0-9-]+/[A-Za-z0-9.-]+"))
                .forEach(name -> serve(hub, name));
    }

    private static void serve(HubServer hub, String name) {
        boolean adapter = name.startsWith("McGill-NLP/");
        try {
            Map<String, byte[]> files = files(Golden.OWN.file(adapter ? "adapters/mistral-mntp" : "models/mistral"));
            if (adapter) {
                // as the published ones: with the configuration of the base, and weights of their own alone
                files.put("config.json", Files.readAllBytes(Golden.OWN.file("models/mistral/config.json")));
                ObjectNode json = (ObjectNode) JSON.readTree(files.get("adapter_config.json"));
                String base = name.contains("Mistral")
                        ? "mistralai/Mistral-7B-Instruct-v0.2"
                        : name.contains("Sheared")
                                ? "princeton-nlp/Sheared-LLaMA-1.3B"
                                : "meta-llama/Llama-2-7b-chat-hf";
                files.put("adapter_config.json", JSON.writeValueAsBytes(json.put("base_model_name_or_path", base)));
            }
            hub.repo(name).commit("main", files);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, byte[]> files(Path source) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(source)) {
            for (Path file : list.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }
}
