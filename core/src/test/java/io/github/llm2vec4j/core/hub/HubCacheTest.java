package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the cache holds, and whether it is whole. */
class HubCacheTest extends HubTest {

    private HubCache hubCache() {
        return new HubCache(HubSettings.of(variables(null)));
    }

    private HubCache.Verification verified() {
        return hubCache().verify("", repo -> {});
    }

    @Test
    void snapshotsAreListed() {
        assertThat(hubCache().list()).isEmpty();
        Path first = client().pull(MODEL);
        String commit = server.repo("owner/model").commit("main", Map.of("config.json", text("{}")));
        Path second = client().pull(MODEL);

        List<HubCache.Entry> entries = hubCache().list();
        assertThat(entries).extracting(HubCache.Entry::id).containsOnly("owner/model");
        assertThat(entries).extracting(HubCache.Entry::folder).containsExactlyInAnyOrder(first, second);
        assertThat(entries)
                .filteredOn(entry -> entry.commit().equals(commit))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.refs()).containsExactly("main");
                    assertThat(entry.files()).isEqualTo(4);
                    assertThat(entry.bytes()).isEqualTo(WEIGHTS.length + 2 + 2 + 10);
                });
        assertThat(HubCache.modelOf(first)).isEqualTo("owner/model");
        assertThat(HubCache.modelOf(folder)).isEmpty();
    }

    @Test
    void damagedContentsAndBrokenLinksAreFound() throws IOException {
        Path snapshot = client().pull(MODEL);
        assertThat(verified()).isEqualTo(new HubCache.Verification(4, List.of()));

        Path blob = cache().resolve("models--owner--model/blobs").resolve(Sha256.ofBytes(WEIGHTS));
        byte[] other = WEIGHTS.clone();
        other[12] ^= 1;
        Files.write(blob, other);
        Files.delete(snapshot.resolve("config.json").toRealPath());
        HubCache.Verification found = verified();
        assertThat(found.checked()).isEqualTo(3);
        assertThat(found.damaged())
                .containsExactly(
                        "owner/model: " + blob + " is damaged: delete it, and pull again",
                        "owner/model: " + snapshot.resolve("config.json")
                                + " leads to nothing: delete it, and pull again");
        assertThat(hubCache().verify("owner/other", repo -> {}).checked()).isZero();

        Files.delete(blob);
        client().pull(MODEL);
        assertThat(verified()).isEqualTo(new HubCache.Verification(4, List.of()));
    }

    @Test
    void aFileThatWasCutShortIsFetchedAgain() throws IOException {
        Path snapshot = client().pull(MODEL);
        Files.write(snapshot.resolve("model.safetensors").toRealPath(), new byte[7]);
        assertThat(client().pull(MODEL).resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }
}
