package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on the way: it is mended where it can be, and said where it cannot. */
class HubFaultsTest extends HubTest {
    private static final String DIGEST = Sha256.ofBytes(WEIGHTS);

    private void pullsTheRightBytes() throws IOException {
        Path snapshot = client().pull(MODEL);
        assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(WEIGHTS);
        assertThat(counter.moved).hasValue(counter.announced.get());
        assertThat(HubPullTest.names(cache().resolve("models--owner--model/blobs")))
                .hasSize(4)
                .noneMatch(name -> name.contains("incomplete"));
    }

    private HubException refused() {
        try {
            client().pull(MODEL);
        } catch (HubException e) {
            assertThat(e.getMessage()).doesNotContain("\n", "signature", "secret");
            return e;
        }
        throw new AssertionError("was not refused");
    }

    @Test
    void aConnectionThatIsCutGoesOnWhereItWas() throws IOException {
        server.fail(HubFault.cut("store GET", 5, WEIGHTS, 300));
        pullsTheRightBytes();
        assertThat(server.seen())
                .extracting(seen -> String.valueOf(seen.header("Range")))
                .anyMatch(range -> range.matches("bytes=\\d+300-\\d+|bytes=300-999"));
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUp() throws IOException {
        server.fail(HubFault.silence("store GET", 2, WEIGHTS, 100, 5000));
        pullsTheRightBytes();
    }

    @Test
    void aServerWithoutRangesSendsTheWholeFile() throws IOException {
        server.fail(HubFault.whole("store GET", 99, WEIGHTS));
        pullsTheRightBytes();
    }

    @Test
    void linksThatExpireAreAskedForAgain() throws IOException {
        server.fail(HubFault.after("store GET", 4, server::expireLinks));
        pullsTheRightBytes();
        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .hasSizeGreaterThan(13);
    }

    @Test
    void damagedBytesAreFetchedAgainOnce() throws IOException {
        byte[] other = WEIGHTS.clone();
        other[5000] ^= 1;
        server.fail(HubFault.corrupt("store GET", 13, other));
        pullsTheRightBytes();
    }

    @Test
    void bytesThatStayDamagedAreNotKept() throws IOException {
        byte[] other = WEIGHTS.clone();
        other[5000] ^= 1;
        server.fail(HubFault.corrupt("store GET", 99, other));
        HubException e = refused();
        assertThat(e.kind()).isEqualTo(Kind.DAMAGED);
        assertThat(e).hasMessageContaining("model.safetensors arrived damaged twice", DIGEST);
        assertThat(cache().resolve("models--owner--model/blobs/" + DIGEST)).doesNotExist();
        assertThat(cache().resolve("models--owner--model/refs/main")).doesNotExist();
        assertThat(HubPullTest.names(cache().resolve("models--owner--model/blobs")))
                .noneMatch(name -> name.startsWith(DIGEST));
    }

    @Test
    void aSmallFileIsCheckedToo() {
        server.fail(HubFault.corrupt("config.json", 99, text("{\"model_type\": \"mistrel\"}")));
        assertThat(refused()).hasMessageContaining("config.json arrived damaged twice");
    }

    @Test
    void aFileOfAnotherLengthThanListedIsRefused() {
        server.fail(HubFault.corrupt("store GET", 99, random(20_000)));
        assertThat(refused().kind()).isEqualTo(Kind.DAMAGED);
    }

    @Test
    void piecesOfAnEarlierProcessAreNotFetchedAgain() throws IOException {
        Path part = cache().resolve("models--owner--model/blobs/" + DIGEST + ".llm2vec4j.incomplete");
        try (IncompleteFile file = new IncompleteFile(part, WEIGHTS.length, SHORT.pieceBytes())) {
            for (int piece : new int[] {0, 7, 12}) {
                file.write(file.start(piece), ByteBuffer.wrap(WEIGHTS, (int) file.start(piece), file.length(piece)));
                file.finished(piece);
            }
        }
        pullsTheRightBytes();
        assertThat(server.seen())
                .filteredOn(seen -> seen.server().equals("store"))
                .hasSize(10);
    }

    @Test
    void afterAFailureTheNextPullGoesOn() throws IOException {
        server.fail(HubFault.cut("store GET", 99, WEIGHTS, 0));
        HubException e = refused();
        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        server.close();
        server = HubServer.start();
        serveAModel();
        counter.announced.set(0);
        counter.moved.set(0);
        pullsTheRightBytes();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504, 408})
    void whatMayPassIsTriedAgain(int status) throws IOException {
        server.fail(HubFault.status("hub GET /api", 3, status, Map.of()));
        server.fail(HubFault.status("store GET", 4, status, Map.of("Retry-After", "0")));
        pullsTheRightBytes();
    }

    @Test
    void theTimeThatTheHubAsksForIsWaited() throws IOException {
        server.fail(HubFault.status("hub GET /api", 1, 429, Map.of("Retry-After", "1")));
        server.fail(HubFault.status("hub GET .*tree", 1, 429, Map.of("RateLimit", "\"api\";r=0;t=1")));
        long start = System.nanoTime();
        pullsTheRightBytes();
        assertThat((System.nanoTime() - start) * 1e-9).isGreaterThan(1.99);
    }

    @Test
    void aTimeThatIsTooLongIsSaid() {
        server.fail(HubFault.status("hub GET /api", 1, 429, Map.of("Retry-After", "3000")));
        HubException e = refused();
        assertThat(e.kind()).isEqualTo(Kind.RATE_LIMITED);
        assertThat(e.isOfWhatWasGiven()).isFalse();
        assertThat(e)
                .hasMessage("owner/model: too many requests to " + server.endpoint()
                        + ": try again in 3000 s, or set HF_TOKEN, which allows more");
    }

    @Test
    void aHubThatStaysAtFaultIsUnreachable() {
        server.fail(HubFault.status("hub GET /api", 99, 503, Map.of("X-Error-Message", "being \t mended")));
        HubException e = refused();
        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e).hasMessageContaining("answered 503 (being mended): try again later");
        assertThat(server.seen()).hasSize(HubHttp.TRIES);
    }

    @ParameterizedTest
    @CsvSource({
        "../../evil.json,   whose path is not one that is safe",
        "/etc/evil.json,    whose path is not one that is safe",
        "a/../../b.json,    whose path is not one that is safe",
        "C:/evil.json,      whose path is not one that is safe",
        "a\\..\\b.json,     whose path is not one that is safe",
        "a//b.json,         whose path is not one that is safe"
    })
    void aPathThatLeadsOutOfTheSnapshotIsRefused(String path, String why) throws IOException {
        server.repo("owner/model").commit("main", Map.of(path, text("{}")));
        assertThatThrownBy(() -> client().pull(MODEL, java.util.List.of("**.json")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(why);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aShardOutsideOfTheRepositoryIsRefused() {
        server.repo("owner/evil")
                .commit(
                        "main",
                        Map.of(
                                "config.json", text("{}"),
                                "model.safetensors.index.json",
                                        text("{\"weight_map\": {\"a\": \"../../../../etc/passwd\"}}")));
        assertThatThrownBy(() -> client().pull(HubId.parse("owner/evil")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("lists '../../../../etc/passwd', which is not there");
    }

    @Test
    void aChecksumOrACommitThatIsAPathIsRefused() throws IOException {
        String list = "[{\"type\": \"file\", \"path\": \"config.json\", \"size\": 2, \"oid\": \"../../../evil\"}]";
        server.fail(HubFault.whole("hub GET .*/tree/", 1, text(list)));
        assertThat(refused().kind()).isEqualTo(Kind.DAMAGED);
        server.fail(HubFault.whole("hub GET .*/revision/", 1, text("{\"sha\": \"../../evil\"}")));
        assertThat(refused()).hasMessageContaining("answered with no commit");
        server.fail(HubFault.whole("hub GET .*/revision/", 1, text("<html>log in</html>")));
        assertThat(refused()).hasMessageContaining("answered with no JSON");
    }

    @Test
    void aListWithoutEndIsRefused() {
        server.listFilesPerPage(0);
        assertThat(refused()).hasMessageContaining("one without end");
    }

    @Test
    void aDiskThatIsTooSmallIsSaidBeforeTheFirstByte() {
        String list =
                "[{\"type\": \"file\", \"path\": \"model.safetensors\", \"size\": 4611686018427387904, \"oid\": \""
                        + "a".repeat(64) + "\"}]";
        server.fail(HubFault.whole("hub GET .*/tree/", 1, text(list)));
        HubException e = refused();
        assertThat(e.kind()).isEqualTo(Kind.DISK);
        assertThat(e).hasMessageContaining("needs 4611.7 PB", "set HF_HUB_CACHE to a folder on another disk");
        assertThat(server.seen()).noneMatch(seen -> seen.path().contains("resolve"));
    }

    @Test
    void weightsThatArePickleAloneAreRefused() {
        server.repo("owner/old").commit("main", Map.of("config.json", text("{}"), "pytorch_model.bin", random(9)));
        assertThatThrownBy(() -> client().pull(HubId.parse("owner/old")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("has its weights only as pytorch_model.bin, and pickle files are not read");
        assertThat(server.seen()).noneMatch(seen -> seen.path().contains("resolve"));
    }

    @Test
    void aRedirectToWeakerEncryptionOrElsewhereWithABodyIsNotFollowed() {
        server.fail(HubFault.status("hub GET /api", 99, 302, Map.of("Location", "file:///etc/passwd")));
        assertThat(refused()).hasMessageContaining("which is not followed");
    }
}
