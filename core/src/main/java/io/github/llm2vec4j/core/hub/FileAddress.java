package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a file is read from: the hub's own address, or the one on another server to which it led last time, until that
 * expires.
 */
final class FileAddress {
    private static final int TRIES = 3;
    private static final Set<Integer> EXPIRED = Set.of(400, 401, 403, 404, 410);

    /** A part was asked for and all was sent. */
    static final class NoRangesException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private final HubId id;
    private final String path;
    private final URI address;
    private final HubHttp http;
    private volatile @Nullable URI direct;

    /** @param path of the file in the repository, for messages */
    FileAddress(HubId id, String path, URI address, HubHttp http) {
        this.id = id;
        this.path = path;
        this.address = address;
        this.http = http;
    }

    /**
     * The rest of a piece; or, of status 200, the whole file from its beginning, where the piece is the whole file.
     *
     * @param start where the piece begins
     * @param from the first byte that is wanted
     * @param to where the piece ends, the byte after its last
     * @throws NoRangesException if the server sends the whole file for a piece of it
     */
    HubResponse open(long start, long from, long to, long size) throws IOException {
        for (int tries = 1; ; tries++) {
            URI last = direct;
            HubRequest request = HubRequest.get(last == null ? address : last);
            HubResponse response = http.send(
                    from > 0 || to < size ? request.with("Range", "bytes=" + from + "-" + (to - 1)) : request, true);
            try {
                if (response.isSuccess()) {
                    check(response, start, from, to, size);
                    direct = http.settings().isEndpoint(response.uri()) ? null : response.uri();
                    return response;
                }
                boolean elsewhere = !http.settings().isEndpoint(response.uri());
                if (!elsewhere || !EXPIRED.contains(response.status()) || tries == TRIES) {
                    throw new HubErrors(http.settings()).of(id, response);
                }
            } catch (IOException | RuntimeException e) {
                response.close();
                throw e;
            }
            response.close();
            direct = null;
        }
    }

    private void check(HubResponse response, long start, long from, long to, long size) throws IOException {
        if (response.status() == 206) {
            String range = "bytes " + from + "-" + (to - 1) + "/" + size;
            if (!range.equals(response.header("Content-Range"))) {
                throw new HubException(
                        Kind.DAMAGED,
                        id + ": " + HubHttp.shown(response.uri()) + " sends " + response.header("Content-Range")
                                + " where " + range + " was asked for");
            }
            return;
        }
        if (start > 0 || to < size) {
            throw new NoRangesException();
        }
        String length = response.header("Content-Length");
        if (length != null && !length.equals(String.valueOf(size))) {
            throw new HubException(
                    Kind.DAMAGED,
                    id + ": " + HubHttp.shown(response.uri()) + " has " + length + " bytes, the hub lists " + size);
        }
    }

    @Override
    public String toString() {
        return id + ": " + path;
    }
}
