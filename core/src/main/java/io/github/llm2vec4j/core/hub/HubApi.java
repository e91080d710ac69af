package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The questions to the hub and their answers. */
final class HubApi {
    static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_BYTES = 64 << 20;
    private static final int MOST_FILES = 200_000;
    private static final int MOST_PAGES = 300;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

    private final HubHttp http;
    private final HubErrors errors;

    HubApi(HubHttp http) {
        this.http = http;
        this.errors = new HubErrors(http.settings());
    }

    /** The commit that a revision is at. */
    String commit(HubId id, boolean patient) {
        JsonNode info =
                get(id, "/api/" + id.kind().plural + "/" + id.name() + "/revision/" + encoded(id.revision()), patient);
        String commit = info.path("sha").asText();
        if (!HubId.isCommit(commit)) {
            throw damaged(id, "no commit");
        }
        return commit;
    }

    /** All files at a commit. */
    List<HubFile> files(HubId id, String commit, boolean patient) {
        List<HubFile> files = new ArrayList<>();
        URI page = uri("/api/" + id.kind().plural + "/" + id.name() + "/tree/" + commit + "?recursive=true");
        for (int pages = 1; page != null; pages++) {
            Answer answer = answer(id, HubRequest.get(page), patient);
            for (JsonNode entry : answer.json()) {
                if (entry.path("type").asText().equals("file")) {
                    files.add(file(entry));
                }
            }
            if (!answer.json().isArray() || files.size() > MOST_FILES || pages > MOST_PAGES) {
                throw damaged(id, "no list of files, or one without end");
            }
            URI next = answer.next() == null ? null : page.resolve(answer.next());
            page = page.equals(next) ? null : next;
        }
        return files;
    }

    private static HubFile file(JsonNode entry) {
        JsonNode large = entry.path("lfs");
        return large.hasNonNull("oid")
                ? new HubFile(
                        entry.path("path").asText(),
                        large.path("size").asLong(-1),
                        large.path("oid").asText())
                : new HubFile(
                        entry.path("path").asText(),
                        entry.path("size").asLong(-1),
                        entry.path("oid").asText());
    }

    /** The Parquet files that the hub has made of a data set: how many for each configuration and split. */
    Map<String, Map<String, Integer>> parquet(HubId id) {
        Map<String, Map<String, Integer>> configs = new TreeMap<>();
        for (Map.Entry<String, JsonNode> config :
                get(id, "/api/datasets/" + id.name() + "/parquet", true).properties()) {
            Map<String, Integer> splits = new TreeMap<>();
            config.getValue()
                    .properties()
                    .forEach(
                            split -> splits.put(split.getKey(), split.getValue().size()));
            configs.put(config.getKey(), splits);
        }
        return configs;
    }

    /** Where the content of a file is read. */
    URI address(HubId id, String commit, HubFile file) {
        return uri("/" + id.path() + "/resolve/" + commit + "/"
                + Arrays.stream(file.path().split("/")).map(HubApi::encoded).collect(Collectors.joining("/")));
    }

    JsonNode get(HubId id, String path, boolean patient) {
        return answer(id, HubRequest.get(uri(path)), patient).json();
    }

    /** Sends JSON, or lines of it, and reads JSON. */
    JsonNode post(HubId id, HubRequest request) {
        return answer(id, request, true).json();
    }

    URI uri(String path) {
        return URI.create(http.settings().endpoint() + path);
    }

    private record Answer(JsonNode json, @Nullable String next) {}

    private Answer answer(HubId id, HubRequest request, boolean patient) {
        try (HubResponse response = http.send(request, patient)) {
            if (!response.isSuccess()) {
                throw errors.of(id, response);
            }
            Matcher next = NEXT.matcher(String.valueOf(response.header("Link")));
            byte[] body = response.bytes(MOST_BYTES);
            return new Answer(
                    body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body),
                    next.find() ? next.group(1) : null);
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw damaged(id, "no JSON");
        } catch (IOException e) {
            throw errors.of(id, e);
        }
    }

    private HubException damaged(HubId id, String what) {
        return new HubException(
                Kind.DAMAGED,
                id + ": " + http.settings().endpoint() + " answered with " + what
                        + ": is it a hub, and is no page of a network login in between?");
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
