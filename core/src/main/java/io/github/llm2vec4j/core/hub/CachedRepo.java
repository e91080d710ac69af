package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A repository in the cache, laid out as the Python package huggingface_hub does: {@code blobs} holds contents under
 * their checksums, {@code snapshots/COMMIT} links to them under the names of the files, and {@code refs/BRANCH} holds the
 * commit that a branch was at.
 */
final class CachedRepo {
    private final Path cache;
    private final Path folder;

    CachedRepo(Path cache, HubId id) {
        this(cache, cache.resolve(id.folderName()));
    }

    CachedRepo(Path cache, Path folder) {
        this.cache = cache;
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    Path blob(String digest) {
        return folder.resolve("blobs").resolve(digest);
    }

    /** What has come of a content so far. The Python package resumes only files without the middle part. */
    Path incomplete(String digest) {
        return folder.resolve("blobs").resolve(digest + ".llm2vec4j.incomplete");
    }

    /** A content of which only what was read is there: in its full length, with holes. */
    Path partly(String digest) {
        return folder.resolve("blobs").resolve(digest + ".llm2vec4j.partly");
    }

    /** A byte for each piece of {@link #partly}, 1 where it is there. */
    Path pieces(String digest) {
        return folder.resolve("blobs").resolve(digest + ".llm2vec4j.pieces");
    }

    /** What the hub has listed at a revision. */
    Path listing(String revision) {
        return folder.resolve("llm2vec4j").resolve(HubApi.encoded(revision) + ".json");
    }

    Path lock(String digest) {
        return cache.resolve(".locks").resolve(folder.getFileName()).resolve(digest + ".lock");
    }

    Path snapshots() {
        return folder.resolve("snapshots");
    }

    Path snapshot(String commit) {
        return snapshots().resolve(commit);
    }

    Path refs() {
        return folder.resolve("refs");
    }

    /** The commit of a revision as far as the cache knows, or null. */
    @Nullable
    String commit(String revision) throws IOException {
        if (HubId.isCommit(revision)) {
            return revision;
        }
        Path ref = refs().resolve(revision);
        if (!Files.isRegularFile(ref)) {
            return null;
        }
        String commit = Files.readString(ref).strip();
        return HubId.isCommit(commit) ? commit : null;
    }

    void remember(String revision, String commit) throws IOException {
        if (!commit.equals(revision) && !commit.equals(commit(revision))) {
            AtomicFiles.writeString(refs().resolve(revision), commit);
        }
    }

    /** Whether a file is there, in its full length, under its name. */
    boolean has(String commit, HubFile file) throws IOException {
        Path path = snapshot(commit).resolve(file.path());
        return Files.isRegularFile(path) && Files.size(path) == file.size();
    }

    boolean hasContent(HubFile file) throws IOException {
        Path blob = blob(file.digest());
        return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    }

    /** Gives a content that is there its name; where the system has no links, the content itself moves. */
    Path link(String commit, HubFile file) throws IOException {
        Path path = snapshot(commit).resolve(file.path());
        if (has(commit, file)) {
            return path;
        }
        Path blob = blob(file.digest());
        Path parent = Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.deleteIfExists(path);
        try {
            Files.createSymbolicLink(path, parent.relativize(blob));
        } catch (FileAlreadyExistsException e) {
            if (!has(commit, file)) { // or else another process was faster
                throw e;
            }
        } catch (IOException | UnsupportedOperationException e) {
            Files.move(blob, path);
        }
        return path;
    }

    /** A small file of a snapshot. */
    static JsonNode json(Path file) throws IOException {
        try {
            return HubApi.JSON.readTree(file.toFile());
        } catch (JacksonException e) {
            throw new BadCheckpointException(file, "is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The paths of the files of a snapshot, with slashes, sorted. */
    List<String> files(String commit) throws IOException {
        Path root = snapshot(commit);
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        List<String> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(root)) {
            walk.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(Files::isRegularFile)
                    .forEach(path -> files.add(root.relativize(path).toString().replace('\\', '/')));
        }
        files.sort(null);
        return files;
    }
}
