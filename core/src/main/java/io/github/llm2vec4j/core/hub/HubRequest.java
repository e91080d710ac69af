package io.github.llm2vec4j.core.hub;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request, without the token, which {@link HubHttp} adds where it may go.
 *
 * @param repeatable whether it may be sent again although a first one may have had its effect
 * @param patience how long an answer may take to begin, or null for the usual
 */
record HubRequest(
        String method,
        URI uri,
        Map<String, String> headers,
        BodyPublisher body,
        boolean repeatable,
        @Nullable Duration patience) {

    static HubRequest get(URI uri) {
        return new HubRequest("GET", uri, Map.of(), BodyPublishers.noBody(), true, null);
    }

    /** Sends bytes, such as JSON, to be acted upon. */
    static HubRequest post(URI uri, String type, byte[] content) {
        return new HubRequest(
                "POST", uri, Map.of("Content-Type", type), BodyPublishers.ofByteArray(content), false, null);
    }

    HubRequest with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new HubRequest(method, uri, more, body, repeatable, patience);
    }

    HubRequest thatMayBeRepeated() {
        return new HubRequest(method, uri, headers, body, true, patience);
    }

    HubRequest to(URI other) {
        return new HubRequest(method, other, headers, body, repeatable, patience);
    }
}
