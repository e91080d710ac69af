package io.github.llm2vec4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final String INDEX = "model.safetensors.index.json";
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void makeTheFolder() throws IOException {
        folder = Files.createDirectory(temporary.resolve("model"));
    }

    @Test
    void aSingleFileIsOpened() throws IOException {
        RawSafetensors.vectors(folder.resolve("model.safetensors"), "a", "b");
        try (Scope scope = Scope.open();
                Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b");
            assertThat(checkpoint.has("a")).isTrue();
            assertThat(checkpoint.has("c")).isFalse();
            assertThat(checkpoint.shape("b")).containsExactly(2);
            assertThat(checkpoint.files()).containsExactly(folder.resolve("model.safetensors"));
            assertThatThrownBy(() -> checkpoint.tensor("c"))
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessage(folder + ": has no tensor 'c'");
        }
    }

    @Test
    void shardsAreOpenedByTheirIndex() throws IOException {
        twoShards();
        try (Scope scope = Scope.open();
                Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(checkpoint.tensor("c").shape()).containsExactly(2);
            assertThat(checkpoint.files()).containsExactly(folder.resolve(FIRST), folder.resolve(SECOND));
        }
    }

    @Test
    void aSingleFileComesBeforeAnIndexLeftFromAnEarlierSave() throws IOException {
        twoShards();
        RawSafetensors.vectors(folder.resolve("model.safetensors"), "whole");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactly("whole");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "..\\\\x.safetensors",
                "/etc/x.safetensors",
                "C:\\\\x.safetensors",
                "sub/x.safetensors",
                "./x.safetensors",
                "..",
                "",
                ".x.safetensors",
                "x.safetensors\\u0000",
                "x.safetensors\\n",
                "x.bin",
                "file:x.safetensors"
            })
    void aShardOutsideOfTheFolderIsRefused(String shard) throws IOException {
        RawSafetensors.vectors(temporary.resolve("x.safetensors"), "a");
        index("{\"weight_map\":{\"a\":\"" + shard + "\"}}");

        assertRefused("is not the name of a .safetensors file in this folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "null", "{}", "[\"x.safetensors\"]", "true"})
    void aShardThatIsNotTextIsRefused(String shard) throws IOException {
        index("{\"weight_map\":{\"a\":" + shard + "}}");

        assertRefused("is not the name of a .safetensors file in this folder");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        twoShards();
        Files.delete(folder.resolve(SECOND));

        assertRefused(SECOND, "missing");
    }

    @Test
    void aTensorInTwoShardsIsNamedWithBoth() throws IOException {
        twoShards();
        RawSafetensors.vectors(folder.resolve(SECOND), "c", "a");

        assertRefused("'a'", "two shards", FIRST, SECOND);
    }

    @Test
    void aTensorThatIsListedButAbsentIsNamed() throws IOException {
        twoShards();
        RawSafetensors.vectors(folder.resolve(FIRST), "a");

        assertRefused("'b'", FIRST, "not there");
    }

    @Test
    void aTensorListedInTheWrongShardIsNamed() throws IOException {
        twoShards();
        index("{\"weight_map\":{\"a\":\"" + FIRST + "\",\"b\":\"" + SECOND + "\",\"c\":\"" + SECOND + "\"}}");

        assertRefused("'b'", SECOND, "not there");
    }

    @Test
    void aTensorThatIsNotListedIsNamed() throws IOException {
        twoShards();
        RawSafetensors.vectors(folder.resolve(SECOND), "c", "extra");

        assertRefused("'extra'", SECOND, "not in the index");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not JSON", "{\"weight_map\":", "{\"weight_map\":{\"a\":\"x.safetensors\"}} and more"})
    void anIndexThatIsNotJsonIsRefused(String content) throws IOException {
        index(content);

        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageMatching("(?s).*" + INDEX + ": (is not valid JSON|has no weight_map).*");
    }

    @Test
    void anIndexThatListsATensorTwiceIsRefused() throws IOException {
        twoShards();
        index("{\"weight_map\":{\"a\":\"" + FIRST + "\",\"a\":\"" + SECOND + "\"}}");

        assertRefused("not valid JSON", "Duplicate", "'a'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "5", "null", "{\"weight_map\":{}}", "{\"weight_map\":[]}", "{\"metadata\":{}}"})
    void anIndexWithoutAMapIsRefused(String content) throws IOException {
        index(content);

        assertRefused("has no weight_map");
    }

    @Test
    void anIndexNestedDeeplyIsRefused() throws IOException {
        index("{\"weight_map\":" + "[".repeat(100_000));

        assertRefused("not valid JSON");
    }

    @Test
    void aDamagedShardIsNamedAndTheOthersAreClosed() throws IOException {
        twoShards();
        Files.write(folder.resolve(SECOND), new byte[20]);
        long live = Tensor.liveCount();

        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(folder.resolve(SECOND) + ": ");
        assertThat(Tensor.liveCount()).isEqualTo(live);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "consolidated.00.pth"})
    void aFolderOfPicklesIsRefusedWithAdvice(String name) throws IOException {
        Files.write(folder.resolve(name), new byte[] {'P', 'K', 3, 4});

        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(folder + ": ")
                .hasMessageContaining("pickle")
                .hasMessageContaining("convert them to safetensors");
    }

    @Test
    void aPickleInPlaceOfAShardIsRefusedWithAdvice() throws IOException {
        twoShards();
        Files.write(folder.resolve(FIRST), new byte[] {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0, 0, 0});

        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(folder.resolve(FIRST) + ": ")
                .hasMessageContaining("safetensors.torch.save_file");
    }

    @Nested
    @DisabledOnOs(OS.WINDOWS)
    class Links {
        @Test
        void aLinkWithinTheFolderIsFollowed() throws IOException {
            twoShards();
            Path moved = Files.createDirectory(folder.resolve("data")).resolve("part");
            Files.move(folder.resolve(FIRST), moved);
            Files.createSymbolicLink(folder.resolve(FIRST), Path.of("data/part"));

            assertOpens(folder);
        }

        @Test
        void aLinkOutOfTheFolderIsRefused() throws IOException {
            twoShards();
            Path moved = Files.move(folder.resolve(FIRST), temporary.resolve("elsewhere"));
            Files.createSymbolicLink(folder.resolve(FIRST), moved);

            assertRefused(FIRST, "leads out of the folder");
        }

        @Test
        void aFolderThatIsItselfALinkIsOpened() throws IOException {
            twoShards();
            assertOpens(Files.createSymbolicLink(temporary.resolve("latest"), folder));
        }

        @Test
        void theLinksOfAHuggingFaceSnapshotAreFollowed() throws IOException {
            Path cache = temporary.resolve("models--o--n");
            Path snapshot = Files.createDirectories(cache.resolve("snapshots/0a1b2c"));
            folder = snapshot;
            intoBlobs(cache, "../../blobs");

            assertOpens(snapshot);
        }

        @Test
        void theLinksOfAFolderInAHuggingFaceSnapshotAreFollowed() throws IOException {
            Path cache = temporary.resolve("models--o--n");
            folder = Files.createDirectories(cache.resolve("snapshots/0a1b2c/0_Transformer"));
            intoBlobs(cache, "../../../blobs");

            assertOpens(folder);
        }

        @Test
        void contentsThatTheModelsOfACacheShareAreFollowed() throws IOException {
            Path cache = temporary.resolve("models--o--n");
            folder = Files.createDirectories(cache.resolve("snapshots/0a1b2c"));
            intoBlobs(cache, "../../blobs");
            Path blob = cache.resolve("blobs").resolve(Sha256.ofText(FIRST));
            Files.move(
                    blob, Files.createDirectories(temporary.resolve("blobs/0a")).resolve("shared"));
            Files.createSymbolicLink(blob, Path.of("../../blobs/0a/shared"));

            assertOpens(folder);
        }

        @Test
        void aLinkOutOfAHuggingFaceCacheIsRefused() throws IOException {
            Path cache = temporary.resolve("models--o--n");
            folder = Files.createDirectories(cache.resolve("snapshots/0a1b2c"));
            twoShards();
            Files.move(folder.resolve(FIRST), temporary.resolve("elsewhere"));
            Files.createSymbolicLink(folder.resolve(FIRST), Path.of("../../../elsewhere"));

            assertRefused(FIRST, "leads out of the folder");
        }

        @Test
        void aFolderThatIsMerelyCalledSnapshotsOpensNoWayOut() throws IOException {
            folder = Files.createDirectories(temporary.resolve("home/snapshots/run"));
            Files.createDirectory(temporary.resolve("home/blobs"));
            twoShards();
            Files.move(folder.resolve(FIRST), temporary.resolve("home/blobs/part"));
            Files.createSymbolicLink(folder.resolve(FIRST), Path.of("../../blobs/part"));

            assertRefused(FIRST, "leads out of the folder");
        }

        @Test
        void aLinkToNothingIsAMissingShard() throws IOException {
            twoShards();
            Files.delete(folder.resolve(FIRST));
            Files.createSymbolicLink(folder.resolve(FIRST), Path.of("nowhere"));

            assertRefused(FIRST, "missing");
        }

        private void intoBlobs(Path cache, String blobs) throws IOException {
            twoShards();
            Files.createDirectory(cache.resolve("blobs"));
            for (String name : List.of(FIRST, SECOND, INDEX)) {
                Files.move(folder.resolve(name), cache.resolve("blobs").resolve(Sha256.ofText(name)));
                Files.createSymbolicLink(folder.resolve(name), Path.of(blobs, Sha256.ofText(name)));
            }
        }

        private void assertOpens(Path path) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b", "c");
            }
        }
    }

    private void twoShards() throws IOException {
        RawSafetensors.vectors(folder.resolve(FIRST), "a", "b");
        RawSafetensors.vectors(folder.resolve(SECOND), "c");
        index("{\"metadata\":{\"total_size\":24},\"weight_map\":{\"a\":\"" + FIRST + "\",\"b\":\"" + FIRST
                + "\",\"c\":\"" + SECOND + "\"}}");
    }

    private void index(String content) throws IOException {
        Files.writeString(folder.resolve(INDEX), content);
    }

    private void assertRefused(String... reasons) {
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageStartingWith(folder.resolve(INDEX) + ": ")
                .satisfies(e -> assertThat(e.getMessage()).contains(reasons));
    }
}
