package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name, in capitals or not; else those of the JVM's
 * properties. This machine itself is reached without one.
 */
final class HubProxies extends ProxySelector {
    private final Map<String, String> variables;

    HubProxies(Map<String, String> variables) {
        this.variables = variables;
    }

    @Override
    public List<Proxy> select(URI uri) {
        URI proxy = named(uri);
        if (proxy != null) {
            int port = proxy.getPort() >= 0 ? proxy.getPort() : 80;
            return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
        }
        ProxySelector ofJvm = ProxySelector.getDefault();
        return ofJvm == null || isDirect(uri) ? List.of(Proxy.NO_PROXY) : ofJvm.select(uri);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress proxy, IOException failure) {
        // The request fails with the same error.
    }

    /** What to say to the proxy on the way to an address, where its variable holds a name and a password. */
    @Nullable
    String credentials(URI uri) {
        URI proxy = named(uri);
        String user = proxy == null ? null : proxy.getUserInfo();
        return user == null
                ? null
                : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    }

    /** The proxy that a variable names for an address, or null. */
    private @Nullable URI named(URI uri) {
        if (isDirect(uri)) {
            return null;
        }
        String variable = uri.getScheme().toLowerCase(Locale.ROOT) + "_proxy";
        String value = value(variable);
        if (value == null) {
            variable = "all_proxy";
            value = value(variable);
        }
        if (value == null) {
            return null;
        }
        URI proxy;
        try {
            proxy = URI.create(value.contains("://") ? value : "http://" + value);
        } catch (IllegalArgumentException e) {
            proxy = URI.create("unreadable:");
        }
        if (!"http".equals(proxy.getScheme()) || proxy.getHost() == null) {
            // Its value may hold a password.
            throw new IllegalArgumentException(variable.toUpperCase(Locale.ROOT)
                    + ": expected http://HOST:PORT, the only kind of proxy supported");
        }
        return proxy;
    }

    private boolean isDirect(URI uri) {
        if (HubSettings.isLoopback(uri)) {
            return true;
        }
        String none = value("no_proxy");
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return none != null
                && Arrays.stream(none.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                        .map(entry -> entry.replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", ""))
                        .anyMatch(entry -> entry.equals("*")
                                || !entry.isEmpty() && (host.equals(entry) || host.endsWith("." + entry)));
    }

    private @Nullable String value(String name) {
        String value = variables.getOrDefault(name, variables.get(name.toUpperCase(Locale.ROOT)));
        return value == null || value.isBlank() ? null : value.strip();
    }
}
