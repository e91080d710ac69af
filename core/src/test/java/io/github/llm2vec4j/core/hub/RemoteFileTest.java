package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the hub of which only a part is read. */
class RemoteFileTest extends HubTest {
    private static final HubId DATA = HubId.parse("datasets/owner/data");
    private static final int PIECE = RemoteFile.PIECE_BYTES;
    private static final byte[] LARGE = random(40 * PIECE + 77);

    @BeforeEach
    void serveData() {
        server.repo("datasets/owner/data")
                .commit("main", Map.of("all.csv", LARGE, "README.md", text("# data\n"), "empty.csv", new byte[0]));
    }

    private RemoteFile open() {
        return client().browse(DATA).open("all.csv");
    }

    private static byte[] read(RemoteFile file, int bytes) throws IOException {
        try (file;
                InputStream in = file.stream()) {
            return in.readNBytes(bytes);
        }
    }

    private static byte[] first(int bytes) {
        return Arrays.copyOf(LARGE, bytes);
    }

    /** How many bytes the store was asked for. */
    private long asked() {
        long bytes = 0;
        for (HubServer.Seen seen : server.seen()) {
            Matcher range = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(String.valueOf(seen.header("Range")));
            if (seen.server().equals("store")) {
                assertThat(range.matches()).as("%s", seen).isTrue();
                bytes += Long.parseLong(range.group(2)) + 1 - Long.parseLong(range.group(1));
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000, 300_000, 2_000_000})
    void notMuchMoreIsAskedForThanIsRead(int bytes) throws IOException {
        assertThat(read(open(), bytes)).isEqualTo(first(bytes));
        assertThat(asked()).isLessThanOrEqualTo(bytes == 0 ? 0 : 2L * bytes + PIECE);
    }

    @Test
    void allOfItCanBeRead() throws IOException {
        assertThat(read(open(), Integer.MAX_VALUE)).isEqualTo(LARGE);
        assertThat(read(client().browse(DATA).open("empty.csv"), 10)).isEmpty();
        assertThat(client().browse(DATA).text("README.md")).isEqualTo("# data\n");
    }

    @Test
    void whatWasReadIsNotAskedForAgain() throws IOException {
        read(open(), 5 * PIECE);
        long before = asked();
        read(open(), 5 * PIECE);
        assertThat(asked()).isEqualTo(before);
        read(open(), 40 * PIECE);
        assertThat(asked()).isLessThanOrEqualTo(LARGE.length);
    }

    @Test
    void aFileThatWasPulledIsReadThere() throws IOException {
        client().pull(DATA);
        server.forgetSeen();
        assertThat(read(open(), Integer.MAX_VALUE)).isEqualTo(LARGE);
        assertThat(asked()).isZero();
    }

    @Test
    void aConnectionThatIsCutGoesOnWhereItWas() throws IOException {
        server.fail(HubFault.cut("store GET", 7, LARGE, 50_000));
        assertThat(read(open(), 10 * PIECE)).isEqualTo(first(10 * PIECE));
        assertThat(server.seen())
                .extracting(seen -> String.valueOf(seen.header("Range")))
                .contains("bytes=50000-" + (PIECE - 1));
    }

    @Test
    void aServerThatStaysAtFaultEndsTheReadingAndTheNextGoesOn() throws IOException {
        read(open(), 3 * PIECE);
        server.fail(HubFault.status("store GET", 99, 503, Map.of()));
        assertThatThrownBy(() -> read(open(), 10 * PIECE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("datasets/owner/data")
                .extracting(e -> ((HubException) e).kind())
                .isEqualTo(Kind.UNREACHABLE);
        assertThat(read(open(), 3 * PIECE)).isEqualTo(first(3 * PIECE));
    }

    @Test
    void partsOfAnotherVersionAreRefused() throws IOException {
        RemoteFile file = open();
        file.fetch(0, 10);
        server.fail(HubFault.changed("store GET", 1, LARGE));
        assertThatThrownBy(() -> file.fetch(5 * PIECE, 6 * PIECE))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("changed while it was read");
        file.close();
    }

    @Test
    void aServerWithoutRangesIsRefusedWithAdvice() {
        server.fail(HubFault.whole("store GET", 99, LARGE));
        assertThatThrownBy(() -> read(open(), 10))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("./llm2vec pull datasets/owner/data --include all.csv");
    }

    @Test
    void linksThatExpireAreAskedForAgain() throws IOException {
        server.fail(HubFault.after("store GET", 2, server::expireLinks));
        assertThat(read(open(), 10 * PIECE)).isEqualTo(first(10 * PIECE));
    }

    @Test
    void offlineThereIsWhatWasRead() throws IOException {
        assertThatThrownBy(() -> offline().browse(DATA))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("nothing of it is in the cache");
        read(open(), PIECE);
        server.close();
        assertThat(read(offline().browse(DATA).open("all.csv"), PIECE)).isEqualTo(first(PIECE));
        assertThatThrownBy(() -> read(offline().browse(DATA).open("all.csv"), PIECE + 1))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("in the cache only in part");
        assertThat(read(client().browse(DATA).open("all.csv"), PIECE))
                .as("a hub that cannot be reached")
                .isEqualTo(first(PIECE));
    }

    @Test
    void partsInTheMiddleStandInTheirPlace() throws IOException {
        try (RemoteFile file = open()) {
            file.fetch(LARGE.length - 8, LARGE.length);
            file.fetch(10 * PIECE + 5, 12 * PIECE);
            assertThat(Files.size(file.local())).isEqualTo(LARGE.length);
            try (FileChannel channel = FileChannel.open(file.local())) {
                byte[] end = new byte[8];
                channel.read(java.nio.ByteBuffer.wrap(end), LARGE.length - 8L);
                assertThat(end).isEqualTo(Arrays.copyOfRange(LARGE, LARGE.length - 8, LARGE.length));
            }
        }
        assertThat(asked()).isEqualTo(2L * PIECE + 77);
    }

    @Test
    void whatIsThereInPartIsNoSnapshot() throws IOException {
        read(open(), PIECE);
        HubCache cache = new HubCache(HubSettings.of(variables(null)));
        assertThat(cache.list()).isEmpty();
        assertThat(cache.verify("", id -> {}).damaged()).isEmpty();
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertThatThrownBy(() -> client().browse(HubId.parse("datasets/owner/none")))
                .hasMessageContaining("has no such data set");
        assertThatThrownBy(() -> client().browse(DATA).open("none.csv")).hasMessageContaining("has no file none.csv");
        server.repo("datasets/owner/data").gate("hf_mine");
        assertThatThrownBy(() -> read(open(), 10)).hasMessageContaining("is gated");
    }
}
