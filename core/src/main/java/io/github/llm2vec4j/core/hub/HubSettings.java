package io.github.llm2vec4j.core.hub;

import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub is and how it is used.
 *
 * @param endpoint the hub's address, without a slash at its end
 * @param cache the folder that is shared with the Python package huggingface_hub
 * @param token who asks, or null
 * @param offline whether the network is not to be used
 * @param proxies the way to an address
 */
public record HubSettings(
        URI endpoint,
        Path cache,
        @Nullable HubToken token,
        boolean offline,
        ProxySelector proxies,
        TransferSettings transfer) {

    public HubSettings {
        String scheme = String.valueOf(endpoint.getScheme());
        if (!scheme.matches("https?") || endpoint.getHost() == null) {
            throw new IllegalArgumentException(
                    "HF_ENDPOINT " + endpoint + ": expected an address such as https://huggingface.co");
        }
        if (token != null && scheme.equals("http") && !isLoopback(endpoint)) {
            throw new IllegalArgumentException("HF_ENDPOINT " + endpoint
                    + ": a token is not sent without encryption: give an https address, or take the token away");
        }
    }

    /** What the variables of this process say; see {@link HubEnvironment}. */
    public static HubSettings fromEnvironment() {
        return new HubEnvironment(System.getenv()).settings();
    }

    static HubSettings of(Map<String, String> variables) {
        return new HubEnvironment(variables).settings();
    }

    public HubSettings withTransfer(TransferSettings other) {
        return new HubSettings(endpoint, cache, token, offline, proxies, other);
    }

    /** Whether an address is the hub's, so that the token may go there. */
    boolean isEndpoint(URI uri) {
        return String.valueOf(uri.getScheme()).equalsIgnoreCase(endpoint.getScheme())
                && String.valueOf(uri.getHost()).equalsIgnoreCase(endpoint.getHost())
                && port(uri) == port(endpoint);
    }

    static boolean isLoopback(URI uri) {
        return String.valueOf(uri.getHost()).matches("(?i)localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
}
