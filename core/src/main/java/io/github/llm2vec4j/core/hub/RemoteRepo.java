package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A repository at one commit whose files are read without being fetched as a whole. */
public final class RemoteRepo {
    private static final long MOST_TEXT_BYTES = 16 << 20;

    private final HubId id;
    private final String commit;
    private final CachedRepo repo;
    private final HubApi api;
    private final HubHttp http;
    private final Map<String, HubFile> files = new LinkedHashMap<>();

    private RemoteRepo(HubId id, String commit, Collection<HubFile> files, CachedRepo repo, HubApi api, HubHttp http) {
        this.id = id;
        this.commit = commit;
        this.repo = repo;
        this.api = api;
        this.http = http;
        files.forEach(file -> this.files.put(file.path(), file));
    }

    /** Asks the hub what there is, and keeps the answer for when it cannot be asked. */
    static RemoteRepo ask(HubId id, CachedRepo repo, HubApi api, HubHttp http, boolean patient) throws IOException {
        String commit = HubId.isCommit(id.revision()) ? id.revision() : api.commit(id, patient);
        RemoteRepo remote = new RemoteRepo(id, commit, api.files(id, commit, patient), repo, api, http);
        Files.createDirectories(repo.snapshots()); // without it the Python package calls the folder damaged
        ObjectNode json = HubApi.JSON.createObjectNode().put("commit", commit);
        ArrayNode list = json.putArray("files");
        remote.files
                .values()
                .forEach(file -> list.addObject()
                        .put("path", file.path())
                        .put("size", file.size())
                        .put("digest", file.digest()));
        AtomicFiles.writeString(repo.listing(id.revision()), json.toString());
        return remote;
    }

    /** What was there when the hub was last asked; null where it never was. */
    static @Nullable RemoteRepo remembered(HubId id, CachedRepo repo, HubApi api, HubHttp http) throws IOException {
        Path listing = repo.listing(id.revision());
        if (!Files.isRegularFile(listing)) {
            return null;
        }
        JsonNode json = CachedRepo.json(listing);
        List<HubFile> files = new ArrayList<>();
        for (JsonNode file : json.path("files")) {
            files.add(new HubFile(
                    file.path("path").asText(),
                    file.path("size").asLong(-1),
                    file.path("digest").asText()));
        }
        return new RemoteRepo(id, json.path("commit").asText(), files, repo, api, http);
    }

    public HubId id() {
        return id;
    }

    public String commit() {
        return commit;
    }

    /** The paths of all files and their bytes. */
    public Map<String, Long> sizes() {
        Map<String, Long> sizes = new TreeMap<>();
        files.forEach((path, file) -> sizes.put(path, file.size()));
        return sizes;
    }

    /**
     * Opens a file, of which nothing is fetched yet.
     *
     * @throws HubException if there is none of that path
     */
    public RemoteFile open(String path) {
        HubFile file = file(path);
        return new RemoteFile(id, file, repo, new FileAddress(id, path, api.address(id, commit, file), http), http);
    }

    /** The checksum by which the hub knows a file. */
    public String digest(String path) {
        return file(path).digest();
    }

    private HubFile file(String path) {
        HubFile file = files.get(path);
        if (file == null) {
            throw new HubException(Kind.NOT_FOUND, id + ": has no file " + path);
        }
        return file;
    }

    /** A small file, as UTF-8. */
    public String text(String path) {
        try (RemoteFile file = open(path)) {
            if (file.size() > MOST_TEXT_BYTES) {
                throw new HubException(
                        Kind.UNUSABLE,
                        id + ": " + path + " has " + HubProgress.size(file.size())
                                + ", more than such a file can have");
            }
            try (InputStream in = file.stream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new HubErrors(http.settings()).withDisk(id, e);
        }
    }
}
