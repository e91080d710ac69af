package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uploading an adapter. */
class HubPushTest extends HubTest {
    private static final HubId ID = HubId.parse("me/encoder");

    private Path adapter;

    @BeforeEach
    void makeAnAdapter() throws IOException {
        server.admit("hf_write");
        adapter = Files.createDirectory(folder.resolve("adapter"));
        put("adapter_config.json", "{\"base_model_name_or_path\": \"owner/model\", \"peft_type\": \"LORA\"}");
        Files.write(adapter.resolve("adapter_model.safetensors"), WEIGHTS);
        put("tokenizer.json", "{}");
        put("llm2vec_config.json", "{\"pooling_mode\": \"mean\"}");
        put("llm2vec4j.json", "{\"base_model\": \"owner/model\", \"adapters_before\": []}");
        put("training.json", "{\"train_file\": \"/home/me/secret.txt\"}");
        put("log.jsonl", "{}");
        Files.createDirectories(adapter.resolve("checkpoints/step-2"));
        put("checkpoints/step-2/optimizer.safetensors", "x");
    }

    private void put(String name, String content) throws IOException {
        Files.writeString(adapter.resolve(name), content);
    }

    private SortedMap<String, byte[]> pushed() {
        ServedRepo repo = server.repo("me/encoder");
        SortedMap<String, byte[]> files = new TreeMap<>();
        repo.files(repo.resolve("main")).forEach((path, file) -> files.put(path, file.bytes()));
        return files;
    }

    private String push() {
        return client(variables("hf_write")).push(adapter, ID, true);
    }

    @Test
    void whatOthersNeedIsThereInOneCommit() {
        String address = push();

        assertThat(address).startsWith(server.endpoint() + "/me/encoder/commit/");
        assertThat(server.repo("me/encoder").hidden).isTrue();
        assertThat(pushed().keySet())
                .containsExactlyInAnyOrder(
                        ".gitattributes",
                        "README.md",
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "llm2vec4j.json",
                        "llm2vec_config.json",
                        "tokenizer.json");
        assertThat(pushed().get("adapter_model.safetensors")).isEqualTo(WEIGHTS);
        assertThat(new String(pushed().get("README.md"), StandardCharsets.UTF_8))
                .startsWith("---\nlibrary_name: peft\n")
                .contains("base_model: owner/model\n", "- Pooling: mean", "--model me/encoder");
        assertThat(server.repo("me/encoder").commits).hasSize(2);
        assertThat(counter.moved).hasValue(counter.announced.get());
    }

    @Test
    void theTokenDoesNotGoToTheStore() {
        push();
        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .hasSize(1)
                .allMatch(seen -> seen.header("Authorization") == null);
    }

    @Test
    void whatIsPushedCanBePulled() throws IOException {
        push();
        Path snapshot = client(variables("hf_write")).pull(ID);
        assertThat(snapshot.resolve("adapter_model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(HubPullTest.names(snapshot)).hasSize(6);
    }

    @Test
    void aLargeFileGoesInPartsWhereTheHubWantsThem() {
        server.takeParts(5000);
        server.fail(HubFault.status("store PUT", 2, 500, Map.of()));
        push();
        assertThat(pushed().get("adapter_model.safetensors")).isEqualTo(WEIGHTS);
        assertThat(counter.moved).hasValue(counter.announced.get());
    }

    @Test
    void anUploadIsToldOfAsItGoesOn() throws IOException {
        Files.write(adapter.resolve("adapter_model.safetensors"), random(200_000));
        server.fail(HubFault.status("store PUT", 1, 500, Map.of()));
        push();
        assertThat(counter.steps).hasValueGreaterThan(5);
        assertThat(counter.moved).hasValue(counter.announced.get()).hasValue(200_000);
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() throws IOException {
        push();
        assertThat(push()).isEqualTo(server.endpoint() + "/me/encoder");
        put("tokenizer.json", "{\"a\": 1}");
        server.forgetSeen();
        push();
        assertThat(server.repo("me/encoder").commits).hasSize(3);
        assertThat(server.seen()).noneMatch(seen -> seen.server().equals("store"));
    }

    @Test
    void aModelCardOfItsOwnIsKept() throws IOException {
        put("README.md", "# mine\n");
        push();
        assertThat(pushed().get("README.md")).isEqualTo(text("# mine\n"));
    }

    @Test
    void anAdapterForAFolderOfThisMachineIsRefused() throws IOException {
        put("llm2vec4j.json", "{\"base_model\": \"../base\"}");
        assertThatThrownBy(this::push)
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("which is not a name on the hub: export it with --format merged");
        put("llm2vec4j.json", "{\"base_model\": \"owner/model\", \"adapters_before\": [\"../mntp\"]}");
        assertThatThrownBy(this::push)
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("was trained on the adapter ../mntp");
        assertThat(server.seen()).isEmpty();
    }

    @Test
    void withoutATokenOrTheRightOneNothingIsSent() {
        assertThatThrownBy(() -> client().push(adapter, ID, false))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("uploading needs an account: set HF_TOKEN");
        assertThat(server.seen()).isEmpty();
        assertThatThrownBy(() -> client(variables("hf_read")).push(adapter, ID, false))
                .isInstanceOf(HubException.class)
                .extracting(e -> ((HubException) e).kind())
                .isEqualTo(Kind.UNAUTHORISED);
        server.fail(HubFault.status("hub POST /api/repos/create", 1, 403, Map.of("X-Error-Message", "read only")));
        assertThatThrownBy(this::push)
                .isInstanceOf(HubException.class)
                .hasMessageContaining("forbids it (read only): check what the token may do");
        assertThat(server.seen()).noneMatch(seen -> seen.path().contains("preupload"));
    }

    @Test
    void aCommitIsNotSentTwiceWhereItMayHaveBeenMade() {
        server.fail(HubFault.status("hub POST .*/commit/", 1, 500, Map.of()));
        assertThatThrownBy(this::push).isInstanceOf(HubException.class).hasMessageContaining("answered 500");
        assertThat(server.seen())
                .filteredOn(seen -> seen.path().contains("/commit/"))
                .hasSize(1);
    }
}
