package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Fetching a model: which files, into which layout, and what is asked of the hub for it. */
class HubPullTest extends HubTest {

    @Test
    void filesOfUseArriveAndNothingElse() throws IOException {
        Path snapshot = client().pull(MODEL);

        assertThat(names(snapshot))
                .containsExactlyInAnyOrder("config.json", "tokenizer.json", "README.md", "model.safetensors");
        assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(WEIGHTS);
        assertThat(counter.moved).hasValue(counter.announced.get());
        assertThat(counter.moved.get()).isGreaterThan(WEIGHTS.length);
    }

    @Test
    void theCacheIsLaidOutAsThePythonPackageDoes() throws IOException {
        String commit = server.repo("owner/model").resolve("main");
        Path snapshot = client().pull(MODEL);

        Path repo = cache().resolve("models--owner--model");
        assertThat(snapshot).isEqualTo(repo.resolve("snapshots").resolve(commit));
        assertThat(repo.resolve("refs/main")).hasContent(commit);
        String digest = Sha256.ofBytes(WEIGHTS);
        assertThat(Files.readSymbolicLink(snapshot.resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", digest));
        assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
                .isEqualTo(Path.of("../../blobs", GitBlob.digest(model().get("config.json"))));
        assertThat(cache().resolve(".locks/models--owner--model/" + digest + ".lock"))
                .exists();
        assertThat(names(cache())).containsExactlyInAnyOrder(".locks", "models--owner--model");
        assertThat(names(repo.resolve("blobs"))).hasSize(4).noneMatch(name -> name.contains("incomplete"));
    }

    @Test
    void whatIsThereIsNotFetchedAgain() {
        Path first = client().pull(MODEL);
        server.forgetSeen();

        assertThat(client().pull(MODEL)).isEqualTo(first);
        assertThat(server.seen()).extracting(HubServer.Seen::path).noneMatch(path -> path.contains("/resolve/"));
    }

    @Test
    void aNewCommitBringsOnlyWhatHasChanged() throws IOException {
        Path first = client().pull(MODEL);
        server.repo("owner/model").commit("main", Map.of("config.json", text("{\"model_type\": \"llama\"}")));
        server.forgetSeen();

        Path second = client().pull(MODEL);
        assertThat(second).isNotEqualTo(first);
        assertThat(second.resolve("config.json")).hasContent("{\"model_type\": \"llama\"}");
        assertThat(first.resolve("config.json")).hasContent("{\"model_type\": \"mistral\"}");
        assertThat(server.seen())
                .filteredOn(seen -> seen.path().contains("/resolve/"))
                .hasSize(1);
    }

    @Test
    void aRevisionIsABranchATagOrACommit() throws IOException {
        String first = server.repo("owner/model").resolve("main");
        server.repo("owner/model").commit("refs/pr/7", model());
        server.repo("owner/model").commit("main", Map.of("config.json", text("{}")));

        assertThat(client().pull(HubId.parse("owner/model@" + first)).getFileName())
                .hasToString(first);
        Path pull = client().pull(HubId.parse("owner/model@refs/pr/7"));
        assertThat(cache().resolve("models--owner--model/refs/refs/pr/7"))
                .hasContent(pull.getFileName().toString());
        assertThat(cache().resolve("models--owner--model/refs").resolve(first)).doesNotExist();
    }

    @Test
    void shardsAreThoseOfTheIndex() throws IOException {
        server.repo("owner/sharded")
                .commit(
                        "main",
                        Map.of(
                                "config.json", text("{}"),
                                "model.safetensors.index.json",
                                        text(
                                                "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"model-2.safetensors\"}}"),
                                "model-1.safetensors", random(1500),
                                "model-2.safetensors", random(1501),
                                "model-old.safetensors", random(1502),
                                "consolidated.safetensors", random(1503)));

        Path snapshot = client().pull(HubId.parse("owner/sharded"));
        assertThat(names(snapshot))
                .containsExactlyInAnyOrder(
                        "config.json", "model.safetensors.index.json", "model-1.safetensors", "model-2.safetensors");
        assertThat(counter.moved).hasValue(counter.announced.get());
    }

    @Test
    void aLongListOfFilesComesInPages() {
        server.listFilesPerPage(3);
        assertThat(client().pull(MODEL).resolve("tokenizer.json")).exists();
    }

    @Test
    void aModelThatWasRenamedIsFoundUnderItsOldName() {
        server.rename("old/name", "owner/model");
        Path snapshot = client().pull(HubId.parse("old/name"));
        assertThat(snapshot).startsWith(cache().resolve("models--old--name"));
        assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aTokenGoesToTheHubAndNowhereElse() {
        server.admit("hf_secret");
        server.repo("owner/model").hide();
        client(variables("hf_secret")).pull(MODEL);

        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("hub"))
                .isNotEmpty()
                .allMatch(seen -> "Bearer hf_secret".equals(seen.header("Authorization")));
        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .isNotEmpty()
                .allMatch(seen -> seen.header("Authorization") == null)
                .noneMatch(seen -> seen.headers().toString().contains("hf_secret"));
    }

    @Test
    void largeFilesComeInPiecesFromALinkThatIsUsedAgain() {
        client().pull(MODEL);

        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .hasSize(13)
                .allMatch(seen -> seen.header("Range") != null);
        assertThat(server.seen())
                .filteredOn(seen -> seen.path().endsWith("model.safetensors"))
                .hasSizeLessThanOrEqualTo(SHORT.connections());
    }

    @Test
    void severalWhoPullAtOnceFetchOnce() throws Exception {
        Callable<Path> pull = () -> client().pull(MODEL);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (Future<Path> done : threads.invokeAll(List.of(pull, pull, pull, pull))) {
                assertThat(done.get().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .hasSize(13);
    }

    @Test
    void onePatternChoosesOtherFiles() throws IOException {
        Path snapshot = client().pull(MODEL, List.of("original/*.json", "consolidated.*"));
        assertThat(snapshot.resolve("original/params.json")).exists();
        assertThat(Files.readSymbolicLink(snapshot.resolve("original/params.json")))
                .isEqualTo(Path.of("../../../blobs", GitBlob.digest(text("{}"))));
        assertThat(names(snapshot)).containsExactlyInAnyOrder("original", "consolidated.safetensors");
        assertThatThrownBy(() -> client().pull(MODEL, List.of("*.bin")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("pickle files or programs alone");
    }

    @Test
    void dataComesAsParquetOrAsTheHubMadeParquetOfIt() {
        server.repo("datasets/owner/own")
                .commit(
                        "main",
                        Map.of("data/train.parquet", random(1200), "notes.csv", text("a"), "README.md", text("x")));
        Path own = client().pull(HubId.parse("datasets/owner/own"));
        assertThat(own.toString()).contains("datasets--owner--own");
        assertThat(own.resolve("data/train.parquet")).exists();
        assertThat(own.resolve("README.md")).exists();
        assertThat(own.resolve("notes.csv")).doesNotExist();

        ServedRepo scripted = server.repo("datasets/owner/scripted");
        scripted.commit("main", Map.of("load.py", text("print(1)")));
        HubId id = HubId.parse("datasets/owner/scripted");
        assertThatThrownBy(() -> client().pull(id))
                .isInstanceOf(HubException.class)
                .hasMessage("datasets/owner/scripted: holds nothing that is read here");
        scripted.commit(
                "refs/convert/parquet",
                Map.of("default/train/0000.parquet", random(1300), "default/test/0000.parquet", random(1100)));
        assertThat(client().parquet(id)).isEqualTo(Map.of("default", Map.of("test", 1, "train", 1)));
        Path converted = client().pull(id);
        assertThat(converted.resolve("default/train/0000.parquet")).exists();
        assertThat(offline().pull(id)).isEqualTo(converted);
    }

    @Test
    void withoutANetworkTheCacheIsEnoughIfItIsWhole() throws IOException {
        assertThatThrownBy(() -> offline().pull(MODEL))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("owner/model: is not in the cache " + cache());
        Path snapshot = client().pull(MODEL);
        server.forgetSeen();

        assertThat(offline().pull(MODEL)).isEqualTo(snapshot);
        assertThat(server.seen()).isEmpty();
        Files.delete(snapshot.resolve("model.safetensors"));
        assertThatThrownBy(() -> offline().pull(MODEL))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("is in the cache only in part, without its weights");
    }

    @Test
    void aListThatThePythonPackageHasNotedSaysWhatIsMissing() throws IOException {
        Path snapshot = client().pull(MODEL);
        Path list = cache().resolve("models--owner--model/trees/" + snapshot.getFileName() + ".json");
        Files.createDirectories(list.getParent());
        Files.writeString(
                list,
                "{\"format_version\": 1, \"files\": {\"config.json\": {}, \"model.safetensors\": {},"
                        + " \"llm2vec_config.json\": {}}}");
        assertThatThrownBy(() -> offline().pull(MODEL))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("only in part, without llm2vec_config.json");
    }

    @Test
    void whereTheHubIsSilentTheCacheIsUsed() {
        Path snapshot = client().pull(MODEL);
        server.close();
        assertThat(client().pull(MODEL)).isEqualTo(snapshot);
        assertThatThrownBy(() -> client().pull(HubId.parse("owner/other")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("cannot be reached")
                .extracting(e -> ((HubException) e).kind())
                .isEqualTo(HubException.Kind.UNREACHABLE);
        server = HubServer.start();
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.map(path -> path.getFileName().toString()).toList();
        }
    }
}
