package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.hub.HubServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pull}, {@code push}, {@code cache}, and a model that is named as the hub names it. */
class HubCommandsTest {
    @TempDir
    private Path folder;

    private final HubServer server = HubServer.start();
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void serveAModel() throws IOException {
        server.admit("hf_write");
        server.repo("owner/model").commit("main", files(Golden.OWN.file("models/mistral")));
        variables.put("HF_ENDPOINT", server.endpoint().toString());
        variables.put("HF_HOME", folder.resolve("home").toString());
        variables.put("HF_HUB_CACHE", "");
        variables.put("HF_HUB_OFFLINE", "0");
        variables.put("HF_TOKEN", "hf_write");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(folder)) {
            for (Path file : list.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private Cli.Result run(String... args) throws Exception {
        return Cli.runAlone(variables, "one\nשלום עולם\n", args);
    }

    @Test
    void aModelOfTheHubEncodesAsTheSameFolderDoes() throws Exception {
        Path fromHub = folder.resolve("hub.npy");
        Path fromFolder = folder.resolve("folder.npy");
        run("encode", "--dtype", "float32", "--model", "owner/model", "--out", fromHub.toString())
                .assertDone();
        variables.put("HF_HUB_OFFLINE", "1");
        run("encode", "--dtype", "float32", "--model", "owner/model@main", "--out", fromHub.toString())
                .assertDone();
        String local = Golden.OWN.file("models/mistral").toString();
        run("encode", "--dtype", "float32", "--model", local, "--out", fromFolder.toString())
                .assertDone();
        assertThat(fromHub).hasSameBinaryContentAs(fromFolder);
    }

    @Test
    void pullPrintsTheFolderAndCacheShowsAndChecksIt() throws Exception {
        Cli.Result pulled = run("pull", "owner/model").assertDone();
        Path snapshot = Path.of(pulled.out().strip());
        assertThat(snapshot.resolve("model.safetensors")).isRegularFile();
        assertThat(pulled.err()).contains("owner/model: ").contains(" left");
        assertThat(run("--quiet", "pull", "owner/model").assertDone().err()).isEmpty();

        assertThat(run("cache", "list").assertDone().out())
                .hasLineCount(1)
                .startsWith("owner/model  main ")
                .contains(snapshot.toString());
        JsonNode list = new JsonMapper()
                .readTree(run("cache", "list", "--json").assertDone().out());
        assertThat(list.path(0).path("folder").asText()).isEqualTo(snapshot.toString());

        Cli.Result whole = run("cache", "verify").assertDone();
        assertThat(whole.out()).isEmpty();
        assertThat(whole.err()).contains("contents checked, 0 problems");
        Path blob = snapshot.resolve("config.json").toRealPath();
        Files.writeString(blob, "{}");
        Cli.Result damaged = run("cache", "verify", "owner/model");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.out()).isEqualTo("owner/model: " + blob + " is damaged: delete it, and pull again\n");
    }

    @Test
    void whatIsExportedAndPushedIsAModelOfTheHub() throws Exception {
        Path adapter = Golden.OWN.copy("adapters/mistral-mntp", folder.resolve("adapter"));
        Path config = adapter.resolve("adapter_config.json");
        JsonNode json = new JsonMapper().readTree(config.toFile());
        ((com.fasterxml.jackson.databind.node.ObjectNode) json).put("base_model_name_or_path", "owner/model");
        Files.writeString(config, json.toString());

        Path exported = folder.resolve("exported");
        run(
                        "export",
                        "--model",
                        "owner/model",
                        "--adapter",
                        adapter.toString(),
                        "--format",
                        "peft",
                        "--to",
                        exported.toString())
                .assertDone();
        JsonNode ours =
                new JsonMapper().readTree(exported.resolve("llm2vec4j.json").toFile());
        assertThat(ours.path("base_model").asText()).matches("owner/model@[0-9a-f]{40}");

        Cli.Result pushed =
                run("push", exported.toString(), "me/encoder", "--private").assertDone();
        assertThat(pushed.out()).startsWith(server.endpoint() + "/me/encoder/commit/");

        Path fromHub = folder.resolve("hub.npy");
        Path fromFolder = folder.resolve("folder.npy");
        run("encode", "--dtype", "float32", "--model", "me/encoder", "--out", fromHub.toString())
                .assertDone();
        run("encode", "--dtype", "float32", "--model", exported.toString(), "--out", fromFolder.toString())
                .assertDone();
        assertThat(fromHub).hasSameBinaryContentAs(fromFolder);
    }

    @Test
    void whatCannotBeHadIsSaidInOneLine() throws Exception {
        run("encode", "--model", "runs/nothing", "--out", folder + "/v.npy")
                .assertRefused(
                        "runs/nothing: " + server.endpoint() + " has no such model", "runs/nothing is no folder here");
        run("pull", "name").assertRefused("'name' is not a name on the hub: expected OWNER/NAME");
        run("pull", "owner/model@a", "--revision", "b").assertRefused("owner/model@a says its revision already");
        run("push", folder + "/nowhere", "me/encoder").assertRefused("/nowhere: no such model folder");
        variables.put("HF_ENDPOINT", "http://127.0.0.1:1");
        Cli.Result unreachable = run("pull", "owner/model");
        assertThat(unreachable.code()).isEqualTo(1);
        assertThat(unreachable.err())
                .hasLineCount(1)
                .startsWith("llm2vec: owner/model: http://127.0.0.1:1 cannot be reached");
        assertThat(folder.resolve("v.npy")).doesNotExist();
    }
}
