package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, variables and proxies. */
class HubSettingsTest {
    @TempDir
    private Path folder;

    @Test
    void aNameHasARevisionOrNot() {
        assertThat(HubId.parse("dicta-il/dictalm2.0"))
                .isEqualTo(new HubId(HubId.Kind.MODEL, "dicta-il/dictalm2.0", "main"))
                .hasToString("dicta-il/dictalm2.0");
        assertThat(HubId.parse("dicta-il/dictalm2.0@refs/pr/3"))
                .isEqualTo(new HubId(HubId.Kind.MODEL, "dicta-il/dictalm2.0", "refs/pr/3"))
                .hasToString("dicta-il/dictalm2.0@refs/pr/3");
        assertThat(HubId.parse("datasets/owner/name").folderName()).isEqualTo("datasets--owner--name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "a/b/c",
                "/a/b",
                "../b",
                "a/..",
                "a/b--c",
                "a/b.git",
                "a /b",
                "",
                "a/b@",
                "a/b@../x",
                "a/b@/x",
                "a/b@x/",
                "a/b@a//b",
                "a/b@-x",
                "a/b@x\u0000",
                "~/b",
                "./b",
                "a/.",
                "datasets/b"
            })
    void whatCannotBeANameIsRefused(String written) {
        assertThatThrownBy(() -> HubId.parse(written)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"models/base", "runs/x@1"})
    void aNameCouldBeThatOfAFolderToo(String written) {
        assertThat(HubId.isModel(written)).isTrue();
    }

    @Test
    void variablesMeanWhatTheyMeanToThePythonPackage() throws IOException {
        Path home = Path.of(System.getProperty("user.home"));
        assertThat(HubSettings.of(Map.of("HF_HOME", "/nowhere")).endpoint()).hasToString("https://huggingface.co");
        assertThat(cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(cache("XDG_CACHE_HOME", "/x")).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(cache("HF_HOME", "/h", "XDG_CACHE_HOME", "/x")).isEqualTo(Path.of("/h/hub"));
        assertThat(cache("HF_HUB_CACHE", "/c", "HF_HOME", "/h")).isEqualTo(Path.of("/c"));
        assertThat(cache("HUGGINGFACE_HUB_CACHE", "/c")).isEqualTo(Path.of("/c"));
        assertThat(cache("HF_HOME", "~/here")).isEqualTo(home.resolve("here/hub"));
        assertThat(cache("HF_HOME", "$BASE/${LEAF}/$NONE", "BASE", "/b", "LEAF", "l"))
                .isEqualTo(Path.of("/b/l/$NONE/hub"));

        HubSettings settings = HubSettings.of(Map.of(
                "HF_ENDPOINT", "https://hub.test/", "HF_TOKEN", " hf_x\n", "HF_HUB_OFFLINE", "true", "HF_HOME", "/h"));
        assertThat(settings.endpoint()).hasToString("https://hub.test");
        assertThat(settings.offline()).isTrue();
        assertThat(settings.token()).isEqualTo(new HubToken("hf_x"));
        assertThat(settings.toString()).doesNotContain("hf_x");
        assertThat(HubSettings.of(Map.of("TRANSFORMERS_OFFLINE", "1")).offline())
                .isTrue();
        assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "0")).offline()).isFalse();

        Files.writeString(folder.resolve("token"), "hf_stored\n");
        assertThat(HubSettings.of(Map.of("HF_HOME", folder.toString())).token()).isEqualTo(new HubToken("hf_stored"));
        assertThat(HubSettings.of(
                                Map.of("HF_TOKEN_PATH", folder.resolve("token").toString()))
                        .token())
                .isEqualTo(new HubToken("hf_stored"));
        assertThat(HubSettings.of(Map.of("HF_HOME", folder.toString(), "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
                        .token())
                .isNull();
    }

    private static Path cache(String... variables) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            map.put(variables[i], variables[i + 1]);
        }
        return HubSettings.of(map).cache();
    }

    @Test
    void anAddressThatIsNoneOrThatWouldShowTheTokenIsRefused() {
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "hub.test")))
                .hasMessageContaining("HF_ENDPOINT hub.test: expected an address such as https://huggingface.co");
        assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "http://hub.test", "HF_TOKEN", "hf_x")))
                .hasMessageContaining("a token is not sent without encryption");
        assertThat(HubSettings.of(Map.of("HF_ENDPOINT", "http://localhost:1", "HF_TOKEN", "hf_x"))
                        .token())
                .isNotNull();
    }

    @Test
    void theTokensAddressIsSchemeHostAndPort() {
        HubSettings settings = HubSettings.of(Map.of("HF_ENDPOINT", "https://hub.test", "HF_HOME", "/h"));
        assertThat(settings.isEndpoint(URI.create("https://HUB.test:443/x"))).isTrue();
        for (String other : List.of(
                "http://hub.test/",
                "https://hub.test:8443/",
                "https://hub.test.evil/",
                "https://a.hub.test/",
                "file:/x")) {
            assertThat(settings.isEndpoint(URI.create(other))).as(other).isFalse();
        }
    }

    @Test
    void proxiesAreThoseOfTheVariables() {
        HubProxies proxies = new HubProxies(Map.of(
                "HTTPS_PROXY", "http://me:pass@proxy.test:3128",
                "http_proxy", "plain.test",
                "NO_PROXY", "inside.test, .other.test,10.0.0.1:80"));
        assertThat(proxies.select(URI.create("https://hub.test/"))).containsExactly(proxy("proxy.test", 3128));
        assertThat(proxies.select(URI.create("http://hub.test/"))).containsExactly(proxy("plain.test", 80));
        assertThat(proxies.credentials(URI.create("https://hub.test/")))
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("me:pass".getBytes()));
        assertThat(proxies.credentials(URI.create("http://hub.test/"))).isNull();
        for (String direct :
                List.of("inside.test", "a.inside.test", "x.other.test", "10.0.0.1", "localhost", "127.0.0.1")) {
            assertThat(proxies.select(URI.create("https://" + direct + "/")))
                    .as(direct)
                    .containsExactly(Proxy.NO_PROXY);
        }
        assertThat(proxies.select(URI.create("https://notinside.test/"))).containsExactly(proxy("proxy.test", 3128));
        assertThatThrownBy(() -> new HubProxies(Map.of("ALL_PROXY", "socks5://me:pass@p.test:1"))
                        .select(URI.create("https://hub.test/")))
                .hasMessageContaining("ALL_PROXY: expected http://HOST:PORT")
                .hasMessageNotContaining("pass");
    }

    private static Proxy proxy(String host, int port) {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port));
    }

    @Test
    void aProxyIsAskedAndToldItsPassword() {
        try (HubServer server = HubServer.start()) {
            server.repo("owner/model").commit("main", Map.of("config.json", new byte[] {'{', '}'}));
            HubSettings settings = HubSettings.of(Map.of(
                    "HF_ENDPOINT",
                    "http://hub.test",
                    "HF_HOME",
                    folder.toString(),
                    "http_proxy",
                    "http://me:pass@127.0.0.1:" + server.endpoint().getPort()));
            Path snapshot = new HubClient(settings, HubProgress.NONE).pull(HubId.parse("owner/model"));
            assertThat(snapshot.resolve("config.json")).hasContent("{}");
            assertThat(server.seen())
                    .isNotEmpty()
                    .allMatch(seen -> seen.path().startsWith("http://hub.test/"))
                    .allMatch(seen -> "Basic bWU6cGFzcw==".equals(seen.header("Proxy-Authorization")));
        }
    }

    @Test
    void sizesAreForPeople() {
        assertThat(List.of(0L, 999L, 1000L, 999_949L, 999_950L, 14_483_498_496L))
                .extracting(HubProgress::size)
                .containsExactly("0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "14.5 GB");
    }
}
