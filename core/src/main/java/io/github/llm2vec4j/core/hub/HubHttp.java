package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests: adds the token where, and only where, it may go, follows redirects, and tries again what may pass. The
 * address of a file on another server is a secret for a while, so no log and no error shows what follows its path.
 */
final class HubHttp {
    static final int TRIES = 5;
    private static final Logger LOG = LoggerFactory.getLogger(HubHttp.class);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(6);
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    private static final String TUNNELING = "jdk.http.auth.tunneling.disabledSchemes";

    private final HubSettings settings;
    private final HttpClient client;
    private volatile boolean reached;

    HubHttp(HubSettings settings) {
        this.settings = settings;
        if (proxyCredentials(settings.endpoint()) != null && System.getProperty(TUNNELING) == null) {
            // By default the JVM never shows a name and a password to a proxy on the way to an https address.
            System.setProperty(TUNNELING, "");
        }
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // a connection for each request that runs
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.transfer().silence())
                .proxy(settings.proxies())
                .build();
    }

    HubSettings settings() {
        return settings;
    }

    /**
     * Sends a request until it is answered.
     *
     * @param patient whether to wait where the hub asks for it or is at fault
     * @return the answer, of whatever status
     * @throws IOException if there is none
     */
    HubResponse send(HubRequest request, boolean patient) throws IOException {
        for (int tries = 1; ; tries++) {
            boolean last = !patient || tries == TRIES;
            Duration wait = backoff(tries);
            String reason;
            try {
                HubResponse response = follow(request);
                reached = true;
                boolean passing = PASSING.contains(response.status())
                        && (request.repeatable() || response.status() == 429 || response.status() == 503);
                Duration asked = RetryAfter.of(response);
                if (!passing || last || (asked != null && asked.compareTo(LONGEST_WAIT) > 0)) {
                    return response;
                }
                response.close();
                wait = asked == null ? wait : asked;
                reason = "was answered " + response.status();
            } catch (IOException e) {
                boolean noConnection = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                boolean hopeless = e instanceof SSLException || (noConnection && !reached);
                if (last || hopeless || !request.repeatable() || e instanceof InterruptedIOException && interrupted()) {
                    throw e;
                }
                reason = "failed: " + e.getMessage();
            }
            LOG.atLevel(wait.toSeconds() >= 5 ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.DEBUG)
                    .log("{} {}; trying again in {} s", shown(request.uri()), reason, wait.toSeconds());
            sleep(wait);
        }
    }

    private HubResponse follow(HubRequest request) throws IOException {
        HubRequest next = request;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = sendOnce(next);
            String location = response.headers().firstValue("Location").orElse(null);
            if (!REDIRECTS.contains(response.statusCode()) || location == null) {
                return new HubResponse(
                        response.statusCode(),
                        response.headers(),
                        next.uri(),
                        response.body(),
                        settings.transfer().silence());
            }
            response.body().close();
            next = next.to(target(next, location));
        }
        throw new IOException(shown(request.uri()) + ": more than " + MOST_REDIRECTS + " redirects");
    }

    private URI target(HubRequest from, String location) throws IOException {
        URI target;
        try {
            target = from.uri().resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException(shown(from.uri()) + ": redirects to what is not an address");
        }
        String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
        boolean weaker =
                scheme.equals("http") && "https".equalsIgnoreCase(from.uri().getScheme());
        boolean away = !settings.isEndpoint(target) && !from.method().equals("GET");
        if (!scheme.matches("https?") || target.getHost() == null || weaker || away) {
            throw new IOException(shown(from.uri()) + ": redirects to " + shown(target) + ", which is not followed");
        }
        return target;
    }

    private HttpResponse<InputStream> sendOnce(HubRequest request) throws IOException {
        URI uri = request.uri();
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri)
                .method(request.method(), request.body())
                .timeout(request.patience() == null ? settings.transfer().silence() : request.patience())
                .setHeader("User-Agent", "llm2vec4j")
                .setHeader("Accept-Encoding", "identity");
        request.headers().forEach(builder::setHeader);
        HubToken token = settings.token();
        if (token != null && settings.isEndpoint(uri)) {
            builder.setHeader("Authorization", "Bearer " + token.value());
        }
        String proxy = proxyCredentials(uri);
        if (proxy != null) {
            builder.setHeader("Proxy-Authorization", proxy);
        }
        LOG.debug("{} {}", request.method(), shown(uri));
        try {
            return client.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private @Nullable String proxyCredentials(URI uri) {
        return settings.proxies() instanceof HubProxies named ? named.credentials(uri) : null;
    }

    private Duration backoff(int tries) {
        return settings.transfer().firstWait().multipliedBy(1L << Math.min(tries - 1, 3));
    }

    /** Waits before something is tried again. */
    void waitBefore(int tries) throws IOException {
        sleep(backoff(tries));
    }

    private static void sleep(Duration wait) throws IOException {
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    /** An address without the part that may be a signature. */
    static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }
}
