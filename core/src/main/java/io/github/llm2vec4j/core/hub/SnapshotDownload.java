package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Brings files of a repository at one commit into the cache. */
final class SnapshotDownload {
    private static final long MOST_JSON_BYTES = 64 << 20;

    private final HubId id;
    private final String commit;
    private final CachedRepo repo;
    private final HubApi api;
    private final HubHttp http;
    private final HubProgress progress;
    private final Map<String, HubFile> files = new LinkedHashMap<>();

    /** @param files all files at the commit */
    SnapshotDownload(
            HubId id,
            String commit,
            List<HubFile> files,
            CachedRepo repo,
            HubApi api,
            HubHttp http,
            HubProgress progress) {
        this.id = id;
        this.commit = commit;
        this.repo = repo;
        this.api = api;
        this.http = http;
        this.progress = progress;
        files.forEach(file -> this.files.put(file.path(), file));
    }

    Collection<String> paths() {
        return files.keySet();
    }

    /** A file that says which others are needed. */
    JsonNode json(String path) throws IOException {
        HubFile file = file(path);
        if (file.size() > MOST_JSON_BYTES) {
            throw new HubException(
                    Kind.UNUSABLE,
                    id + ": " + path + " has " + HubProgress.size(file.size()) + ", more than such a file can have");
        }
        fetch(List.of(path), HubProgress.NONE);
        return CachedRepo.json(repo.snapshot(commit).resolve(path));
    }

    /** Fetches those that are not there. When it returns, all are under their names. */
    void fetch(Collection<String> paths) throws IOException {
        fetch(paths, progress);
    }

    private HubFile file(String path) {
        HubFile file = files.get(path);
        if (file == null) {
            throw new HubException(Kind.NOT_FOUND, id + ": has no file " + path);
        }
        return file.checked(id);
    }

    private void fetch(Collection<String> paths, HubProgress heard) throws IOException {
        Map<String, BlobDownload> downloads = new LinkedHashMap<>();
        List<HubFile> wanted = new ArrayList<>();
        try (Transfers transfers = new Transfers(http.settings().transfer().connections())) {
            long bytes = 0;
            for (String path : paths) {
                HubFile file = file(path);
                if (repo.has(commit, file)) {
                    continue;
                }
                wanted.add(file);
                if (!repo.hasContent(file) && !downloads.containsKey(file.digest())) {
                    BlobDownload download =
                            new BlobDownload(id, file, api.address(id, commit, file), repo, http, transfers, heard);
                    downloads.put(file.digest(), download);
                    bytes = Math.addExact(bytes, file.size() - download.bytesDone());
                }
            }
            checkSpace(bytes);
            if (!downloads.isEmpty()) {
                download(downloads.values(), bytes, transfers, heard);
            }
        }
        for (HubFile file : wanted) {
            repo.link(commit, file);
        }
    }

    private void download(Collection<BlobDownload> downloads, long bytes, Transfers transfers, HubProgress heard)
            throws IOException {
        heard.started(id.toString(), downloads.size(), bytes);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (BlobDownload download : downloads) {
                tasks.add(() -> {
                    download.run();
                    return null;
                });
            }
            transfers.files(tasks);
        } finally {
            heard.ended();
        }
    }

    private void checkSpace(long bytes) throws IOException {
        FileStore disk = Files.getFileStore(Files.createDirectories(repo.folder()));
        long free = disk.getUsableSpace();
        if (bytes > free) {
            throw new HubException(
                    Kind.DISK,
                    id + ": needs " + HubProgress.size(bytes) + ", but " + HubProgress.size(free) + " are free in "
                            + repo.folder().getParent()
                            + ": make room, or set HF_HUB_CACHE to a folder on another disk");
        }
    }
}
