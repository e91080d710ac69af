package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.hub.HubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recipe whose base and data are on the hub, with a tiny base and a data set like HeDC4 in their places. */
class HubRecipeTest {
    private static final List<String> TINY = List.of(
            "stop_after_n_steps=2",
            "max_seq_length=32",
            "per_device_train_batch_size=4",
            "workers=2",
            "lora_r=2",
            "torch_dtype=float32",
            "mntp.dataset_number_of_rows=60",
            "mntp-unsup-simcse.dataset_start_index=60",
            "mntp-unsup-simcse.dataset_limit=120");

    @TempDir
    private Path folder;

    private final HubServer server = HubServer.start();
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void serve() throws IOException {
        Map<String, byte[]> model = new TreeMap<>();
        try (Stream<Path> list = Files.list(Golden.OWN.file("models/mistral"))) {
            for (Path file : list.filter(Files::isRegularFile).toList()) {
                model.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        server.repo("dicta-il/dictalm2.0").commit("main", model);
        StringBuilder rows = new StringBuilder("text\n");
        StringBuilder articles = new StringBuilder("id,url,title,text\n");
        for (int i = 0; i < 200; i++) {
            String text = i % 7 == 2 ? "" : "\"טקסט מספר " + i + ", משפט ארוך דיו כדי למלא חלק של בלוק.\nועוד משפט.\"";
            rows.append(text.isEmpty() ? "\"\"" : text).append('\n');
            articles.append(i)
                    .append(",u,כותרת ")
                    .append(i)
                    .append(',')
                    .append(text)
                    .append('\n');
        }
        server.repo("datasets/HeNLP/HeDC4").commit("main", Map.of("HeDC4.csv", bytes(rows.toString())));
        server.repo("datasets/wikimedia/wikipedia")
                .commit(
                        "main",
                        Map.of(
                                "README.md",
                                bytes("---\nconfigs:\n- config_name: 20231101.he\n  data_files:\n  - split: train\n"
                                        + "    path: 20231101.he/train-*\n---\n"),
                                "20231101.he/train-00000-of-00001.csv",
                                bytes(articles.toString())));
        variables.put("HF_ENDPOINT", server.endpoint().toString());
        variables.put("HF_HOME", folder.resolve("home").toString());
        variables.put("HF_HUB_CACHE", "");
        variables.put("HF_HUB_OFFLINE", "0");
        variables.put("HF_TOKEN", "");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Cli.Result recipe(String... more) throws Exception {
        List<String> args = new java.util.ArrayList<>(List.of("recipe", "dictalm2.0"));
        args.addAll(List.of("--out", folder.resolve("run").toString()));
        TINY.forEach(set -> args.addAll(List.of("--set", set)));
        args.addAll(List.of(more));
        return Cli.runAlone(variables, "", args.toArray(String[]::new));
    }

    @Test
    void baseAndDataComeFromTheHubAndItGoesOnWithoutIt() throws Exception {
        String[] stages = {"--only", "base,mntp,mntp-unsup-simcse,mntp-supervised"};
        recipe(stages).assertDone();
        Path run = folder.resolve("run");
        for (String stage : List.of("mntp", "mntp-unsup-simcse", "mntp-supervised")) {
            assertThat(run.resolve(stage).resolve("adapter_model.safetensors")).isRegularFile();
        }
        assertThat(run.resolve("base"))
                .as("the base is used where the cache has it")
                .doesNotExist();
        assertThat(new JsonMapper()
                        .readTree(run.resolve("mntp/adapter_config.json").toFile())
                        .path("base_model_name_or_path")
                        .asText())
                .isEqualTo("dicta-il/dictalm2.0");

        assertThat(Files.readString(run.resolve("mntp-supervised/README.md")))
                .as("the card says what it was trained on")
                .contains(
                        "datasets:", "- wikimedia/wikipedia", "`wikimedia/wikipedia 20231101.he`", "language:", "- he");

        variables.put("HF_HUB_OFFLINE", "1");
        assertThat(recipe(stages).assertDone().err()).contains("(done before)");
        String vectors = folder.resolve("vectors.npy").toString();
        Cli.runAlone(
                        variables,
                        "שלום\n",
                        "encode",
                        "--model",
                        run.resolve("mntp-supervised").toString(),
                        "--out",
                        vectors)
                .assertDone();
    }

    @Test
    void aDataSetThatIsNotThereIsSaidBeforeTheBaseIsFetched() throws Exception {
        recipe("--set", "mntp.dataset_name=owner/none").assertRefused("datasets/owner/none", "has no such data set");
        recipe("--set", "mntp.dataset_split=dev").assertRefused("HeNLP/HeDC4", "no split 'dev'", "train");
        assertThat(folder.resolve("home/hub/models--dicta-il--dictalm2.0")).doesNotExist();
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void whereLittleMemoryIsGivenTheStepIsPlannedForIt() throws Exception {
        Cli.Result little = recipe("--only", "base,mntp", "--memory", "1").assertDone();
        assertThat(little.err()).contains("mntp: may need more memory than this machine has");
        JsonNode record = new JsonMapper()
                .readTree(folder.resolve("run/mntp/llm2vec4j.json").toFile());
        JsonNode settings = record.path("training").path(0).path("settings");
        assertThat(settings.path("gradient_checkpointing").asBoolean()).isTrue();
        assertThat(settings.path("micro_batch_size").asInt()).isEqualTo(1);
    }

    @Test
    void explainAsksNobody() throws Exception {
        server.forgetSeen();
        Cli.Result text = recipe("--explain", "--gflops", "100").assertDone();
        assertThat(text.out()).contains("14.5 GB to download", "HeNLP/HeDC4", "GPU, 80 GB", "--gflops 100");
        Cli.Result json = recipe("--explain", "--json", "--gflops", "100").assertDone();
        assertThat(new JsonMapper().readTree(json.out()).path("plans")).hasSize(4);
        Cli.Result one =
                recipe("--explain", "--gflops", "100", "--memory", "16").assertDone();
        assertThat(one.out()).contains("plan: CPU, 16 GB").doesNotContain("plan: GPU");
        recipe("--memory", "0").assertRefused("--memory 0", "above 0");
        assertThat(server.seen()).isEmpty();
        recipe("--gflops", "5").assertRefused("--gflops", "--explain");
        recipe("--explain", "--gflops", "-1").assertRefused("--gflops", "above 0");
    }
}
