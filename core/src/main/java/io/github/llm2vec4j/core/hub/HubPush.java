package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Uploads a model folder: asks which files are large, sends those to the store of large files, and commits all of them
 * at once, so that nobody sees a part of it.
 */
final class HubPush {
    private static final String JSON_TYPE = "application/json";
    private static final String LINES_TYPE = "application/x-ndjson";

    private final HubId id;
    private final Path folder;
    private final HubApi api;
    private final HubHttp http;
    private final HubProgress progress;

    HubPush(HubId id, Path folder, HubApi api, HubHttp http, HubProgress progress) {
        this.id = id;
        this.folder = folder;
        this.api = api;
        this.http = http;
        this.progress = progress;
    }

    String run(boolean hidden) throws IOException {
        if (http.settings().token() == null) {
            throw new HubException(
                    Kind.UNAUTHORISED,
                    id + ": uploading needs an account: set HF_TOKEN to a token with write access from "
                            + http.settings().endpoint() + "/settings/tokens");
        }
        List<PushedFile> files = new PushedFolder(folder).files(id);
        createRepository(hidden);
        List<PushedFile> changed = changed(files);
        if (changed.isEmpty()) {
            return http.settings().endpoint() + "/" + id.path();
        }
        uploadLarge(changed.stream().filter(PushedFile::large).toList());
        return commit(changed);
    }

    private void createRepository(boolean hidden) throws IOException {
        String[] names = id.name().split("/");
        ObjectNode wanted = HubApi.JSON.createObjectNode();
        wanted.put("name", names[1]);
        wanted.put("organization", names[0]);
        wanted.put("type", "model");
        wanted.put("private", hidden);
        try (HubResponse response = http.send(json("/api/repos/create", wanted), true)) {
            boolean there = response.status() == 409;
            if (!response.isSuccess() && !there) {
                throw new HubErrors(http.settings()).of(id, response);
            }
        }
    }

    /** Asks how each file is to be sent, and leaves out those that are there already. */
    private List<PushedFile> changed(List<PushedFile> files) throws IOException {
        ObjectNode question = HubApi.JSON.createObjectNode();
        ArrayNode list = question.putArray("files");
        for (PushedFile file : files) {
            ObjectNode entry = list.addObject();
            entry.put("path", file.path());
            entry.put("size", file.size());
            entry.put("sample", Base64.getEncoder().encodeToString(file.sample()));
        }
        JsonNode answer = api.post(
                id,
                json("/api/models/" + id.name() + "/preupload/" + HubApi.encoded(id.revision()), question)
                        .thatMayBeRepeated());
        List<PushedFile> changed = new ArrayList<>();
        for (PushedFile file : files) {
            JsonNode entry = find(answer.path("files"), "path", file.path());
            // The store of large files takes no empty ones.
            PushedFile known = file.asLarge(entry.path("uploadMode").asText().equals("lfs") && file.size() > 0);
            boolean ignored = entry.path("shouldIgnore").asBoolean(false);
            if (!ignored && !known.digest().equals(entry.path("oid").asText())) {
                changed.add(known);
            }
        }
        return changed;
    }

    private void uploadLarge(List<PushedFile> files) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        ObjectNode question = HubApi.JSON.createObjectNode();
        question.put("operation", "upload");
        question.put("hash_algo", "sha256");
        question.putArray("transfers").add("basic").add("multipart");
        question.putObject("ref").put("name", id.revision());
        ArrayNode objects = question.putArray("objects");
        for (PushedFile file : files) {
            objects.addObject().put("oid", file.digest()).put("size", file.size());
        }
        HubRequest request = HubRequest.post(
                        api.uri("/" + id.path() + ".git/info/lfs/objects/batch"), LargeUpload.TYPE, bytes(question))
                .with("Accept", LargeUpload.TYPE)
                .thatMayBeRepeated();
        JsonNode answer = api.post(id, request);
        long bytes = files.stream().mapToLong(PushedFile::size).sum();
        progress.started(id.toString(), files.size(), bytes);
        try (Transfers transfers = new Transfers(http.settings().transfer().connections())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (PushedFile file : files) {
                JsonNode entry = find(answer.path("objects"), "oid", file.digest());
                tasks.add(() -> {
                    new LargeUpload(id, file, entry, api, http, progress).run();
                    return null;
                });
            }
            transfers.files(tasks);
        } finally {
            progress.ended();
        }
    }

    private String commit(List<PushedFile> files) throws IOException {
        StringBuilder lines = new StringBuilder();
        ObjectNode header = HubApi.JSON.createObjectNode();
        header.put("summary", "Upload with llm2vec4j");
        header.put("description", "");
        line(lines, "header", header);
        for (PushedFile file : files) {
            ObjectNode value = HubApi.JSON.createObjectNode();
            value.put("path", file.path());
            if (file.large()) {
                value.put("algo", "sha256");
                value.put("oid", file.digest());
                value.put("size", file.size());
            } else {
                value.put("encoding", "base64");
                value.put("content", Base64.getEncoder().encodeToString(file.bytes()));
            }
            line(lines, file.large() ? "lfsFile" : "file", value);
        }
        JsonNode answer = api.post(
                id,
                HubRequest.post(
                        api.uri("/api/models/" + id.name() + "/commit/" + HubApi.encoded(id.revision())),
                        LINES_TYPE,
                        lines.toString().getBytes(StandardCharsets.UTF_8)));
        return answer.path("commitUrl").asText();
    }

    private static void line(StringBuilder lines, String key, ObjectNode value) {
        ObjectNode line = HubApi.JSON.createObjectNode();
        line.put("key", key);
        line.set("value", value);
        lines.append(line).append('\n');
    }

    private JsonNode find(JsonNode list, String key, String value) {
        for (JsonNode entry : list) {
            if (entry.path(key).asText().equals(value)) {
                return entry;
            }
        }
        throw new HubException(
                Kind.DAMAGED,
                id + ": " + http.settings().endpoint() + " does not say what is to be done with " + value);
    }

    private HubRequest json(String path, JsonNode content) throws IOException {
        return HubRequest.post(api.uri(path), JSON_TYPE, bytes(content));
    }

    private static byte[] bytes(JsonNode json) throws IOException {
        return HubApi.JSON.writeValueAsBytes(json);
    }
}
