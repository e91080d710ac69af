package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What an answer that refuses means, and what to do about it. */
final class HubErrors {
    private static final int MOST_SAID = 300;

    private final HubSettings settings;

    HubErrors(HubSettings settings) {
        this.settings = settings;
    }

    /** For an answer that is not a success. */
    HubException of(HubId id, HubResponse response) {
        String code = String.valueOf(response.header("X-Error-Code"));
        String said = said(response);
        URI endpoint = settings.endpoint();
        String page = endpoint + "/" + id.path();
        boolean asked = settings.token() != null;
        int status = response.status();
        if (!settings.isEndpoint(response.uri())) {
            return new HubException(
                    Kind.UNREACHABLE,
                    id + ": the hub leads to " + response.uri().getHost() + ", which answered " + status
                            + ": try again later");
        }
        if (code.equals("GatedRepo")) {
            return new HubException(
                    Kind.GATED,
                    asked
                            ? id + ": is gated, and the account of the token has no access: accept the conditions at "
                                    + page + ", wait where its owner has to agree, and let the token read gated"
                                    + " repositories"
                            : id + ": is gated: accept the conditions at " + page + " with an account, and set HF_TOKEN"
                                    + " to a token of that account from " + endpoint + "/settings/tokens");
        }
        if (code.equals("RevisionNotFound")) {
            return new HubException(
                    Kind.NOT_FOUND,
                    id + ": there is no such revision: expected a branch, a tag or a commit of " + page);
        }
        if (code.equals("EntryNotFound")) {
            return new HubException(Kind.NOT_FOUND, id + ": has no such file: " + HubHttp.shown(response.uri()));
        }
        if (status == 401 && asked && (code.equals("null") || said.contains("credentials"))) {
            return new HubException(
                    Kind.UNAUTHORISED,
                    id + ": " + endpoint + " does not accept the token of HF_TOKEN or of the file in HF_HOME: it may"
                            + " have ended; make one at " + endpoint + "/settings/tokens");
        }
        if (status == 404 || code.equals("RepoNotFound") || status == 401) {
            String what = id.kind() == HubId.Kind.MODEL ? "model" : "data set";
            return new HubException(
                    Kind.NOT_FOUND,
                    id + ": " + endpoint + " has no such " + what + ", or it is private: check the name"
                            + (asked
                                    ? ", and whether the token may read it"
                                    : ", and for a private one set HF_TOKEN to a token that may read it"));
        }
        if (status == 403) {
            return new HubException(
                    Kind.FORBIDDEN,
                    id + ": " + endpoint + " forbids it" + said + ": check what the token may do at " + endpoint
                            + "/settings/tokens");
        }
        if (status == 407) {
            return new HubException(
                    Kind.UNREACHABLE,
                    "the proxy wants a name and a password: give them in HTTPS_PROXY as http://NAME:PASSWORD@HOST:PORT");
        }
        if (status == 429) {
            Duration wait = RetryAfter.of(response);
            return new HubException(
                    Kind.RATE_LIMITED,
                    id + ": too many requests to " + endpoint + ": try again "
                            + (wait == null ? "later" : "in " + wait.toSeconds() + " s")
                            + (asked ? "" : ", or set HF_TOKEN, which allows more"));
        }
        return new HubException(
                status >= 500 || status == 408 ? Kind.UNREACHABLE : Kind.UNUSABLE,
                id + ": " + HubHttp.shown(response.uri()) + " answered " + status + said
                        + (status >= 500 ? ": try again later" : ""));
    }

    /** For a transfer that failed: because of the disk, or of the network. */
    HubException withDisk(HubId id, IOException e) {
        if (e instanceof FileSystemException file) {
            String reason = file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
            return disk(file.getFile() + ": cannot be read or written (" + reason + ")", e);
        }
        return BlobDownload.isDiskFull(e) ? disk(id + ": the disk of " + settings.cache() + " is full", e) : of(id, e);
    }

    private static HubException disk(String what, IOException e) {
        return new HubException(
                Kind.DISK, what + ": make room, or set HF_HUB_CACHE to a folder that can be written", e);
    }

    /** For a request that was not answered. */
    HubException of(HubId id, IOException failure) {
        if (failure instanceof InterruptedIOException) {
            return new HubException(Kind.UNREACHABLE, id + ": was interrupted", failure);
        }
        String remedy = failure instanceof SSLException
                ? ": behind a proxy that reads along, its certificate has to be in the trust store of the JVM"
                : ": check the connection and HTTPS_PROXY, or set HF_HUB_OFFLINE=1 to use what is in the cache";
        String reason = failure.getMessage() != null
                ? failure.getMessage()
                : failure.getCause() instanceof UnresolvedAddressException
                        ? "unknown host"
                        : failure.getClass().getSimpleName();
        return new HubException(
                Kind.UNREACHABLE,
                id + ": " + settings.endpoint() + " cannot be reached (" + hidden(reason) + ")" + remedy,
                failure);
    }

    /** What the server says of it, in brackets, or nothing. */
    private String said(HubResponse response) {
        String text = response.header("X-Error-Message");
        if (text == null) {
            text = fromBody(response);
        }
        if (text == null || text.isBlank()) {
            return "";
        }
        String plain = hidden(text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip());
        return " (" + (plain.length() > MOST_SAID ? plain.substring(0, MOST_SAID) + "..." : plain) + ")";
    }

    private static @Nullable String fromBody(HubResponse response) {
        try {
            JsonNode error = new JsonMapper().readTree(response.bytes(1 << 16)).path("error");
            return error.isTextual() ? error.asText() : null;
        } catch (IOException e) {
            return null; // no JSON: the status says enough
        }
    }

    private String hidden(String text) {
        HubToken token = settings.token();
        return token == null ? text : token.removedFrom(text);
    }
}
