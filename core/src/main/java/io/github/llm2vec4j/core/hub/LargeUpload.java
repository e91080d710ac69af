package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Sends one file to the store of large files, as the hub's answer in the way of Git LFS says. */
final class LargeUpload {
    static final String TYPE = "application/vnd.git-lfs+json";

    /** Headers that the HTTP client writes itself. */
    private static final Set<String> OWN = Set.of("content-length", "host", "connection", "expect", "upgrade");

    private static final long SLOWEST_BYTES_PER_SECOND = 50_000;

    private final HubId id;
    private final PushedFile file;
    private final JsonNode answer;
    private final HubApi api;
    private final HubHttp http;
    private final HubProgress progress;

    /** @param answer the entry of this file in the answer to the batch request */
    LargeUpload(HubId id, PushedFile file, JsonNode answer, HubApi api, HubHttp http, HubProgress progress) {
        this.id = id;
        this.file = file;
        this.answer = answer;
        this.api = api;
        this.http = http;
        this.progress = progress;
    }

    void run() throws IOException {
        if (answer.has("error")) {
            throw new HubException(
                    Kind.UNUSABLE,
                    id + ": " + file.path() + " is refused: "
                            + answer.path("error").path("message").asText());
        }
        JsonNode upload = answer.path("actions").path("upload");
        if (upload.isMissingNode()) { // the store has these bytes already
            progress.moved(file.size());
            return;
        }
        URI address = URI.create(upload.path("href").asText());
        JsonNode header = upload.path("header");
        if (header.has("chunk_size")) {
            inParts(address, header);
        } else {
            Map<String, String> headers = new LinkedHashMap<>();
            header.properties().forEach(entry -> {
                if (!OWN.contains(entry.getKey().toLowerCase(java.util.Locale.ROOT))) {
                    headers.put(entry.getKey(), entry.getValue().asText());
                }
            });
            put(address, headers, 0, file.size());
        }
        JsonNode verify = answer.path("actions").path("verify");
        if (verify.has("href")) {
            ObjectNode said = HubApi.JSON.createObjectNode();
            said.put("oid", file.digest()).put("size", file.size());
            post(URI.create(verify.path("href").asText()), said);
        }
    }

    /** To an address each, whose numbers are the names of headers; the hub then joins them. */
    private void inParts(URI whole, JsonNode header) throws IOException {
        long partBytes = header.path("chunk_size").asLong();
        long parts = partBytes < 1 ? 0 : (file.size() + partBytes - 1) / partBytes;
        ObjectNode said = HubApi.JSON.createObjectNode();
        said.put("oid", file.digest());
        ArrayNode list = said.putArray("parts");
        for (int part = 1; part <= parts; part++) {
            String address = null;
            for (Map.Entry<String, JsonNode> entry : header.properties()) {
                if (entry.getKey().matches("0*" + part)) { // numbers may have zeros before them
                    address = entry.getValue().asText();
                }
            }
            if (address == null) {
                throw damaged("has no address for part " + part + " of " + parts);
            }
            long from = (part - 1) * partBytes;
            String tag = put(URI.create(address), Map.of(), from, Math.min(partBytes, file.size() - from));
            list.addObject().put("partNumber", part).put("etag", tag);
        }
        if (parts == 0) {
            throw damaged("asks for parts of " + partBytes + " bytes");
        }
        post(whole, said);
    }

    private String put(URI address, Map<String, String> headers, long from, long length) throws IOException {
        AtomicLong sent = new AtomicLong();
        BodyPublisher content =
                BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> slice(from, length, sent)), length);
        Duration patience = http.settings()
                .transfer()
                .silence()
                .plus(Duration.ofMinutes(1))
                .plusSeconds(length / SLOWEST_BYTES_PER_SECOND);
        HubRequest request = new HubRequest("PUT", address, headers, content, true, patience);
        try (HubResponse response = http.send(request, true)) {
            if (!response.isSuccess()) {
                throw new HubErrors(http.settings()).of(id, response);
            }
            progress.moved(length - sent.get());
            return String.valueOf(response.header("ETag"));
        }
    }

    private void post(URI address, JsonNode content) throws IOException {
        api.post(
                id,
                HubRequest.post(address, TYPE, HubApi.JSON.writeValueAsBytes(content))
                        .with("Accept", TYPE)
                        .thatMayBeRepeated());
    }

    /** Opened again where the part has to be sent again: what was sent of it does not count then. */
    private InputStream slice(long from, long length, AtomicLong sent) {
        try {
            progress.moved(-sent.getAndSet(0));
            return new Slice(file.open(from), length, sent);
        } catch (IOException e) {
            throw new UncheckedIOException(file.path() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private HubException damaged(String what) {
        return new HubException(Kind.DAMAGED, id + ": the hub's answer for " + file.path() + " " + what);
    }

    /** The first bytes of a stream; tells of them as they are read. */
    private final class Slice extends FilterInputStream {
        private final AtomicLong sent;
        private long left;

        Slice(InputStream in, long length, AtomicLong sent) {
            super(in);
            this.sent = sent;
            left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int n = super.read(bytes, offset, (int) Math.min(length, left));
            if (n > 0) {
                left -= n;
                sent.addAndGet(n);
                progress.moved(n);
            }
            return n;
        }
    }
}
