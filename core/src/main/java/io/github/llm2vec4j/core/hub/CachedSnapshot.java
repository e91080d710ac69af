package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the cache has of a repository at a revision, whoever put it there. */
final class CachedSnapshot {
    private final HubId id;
    private final CachedRepo repo;
    private final @Nullable String commit;

    CachedSnapshot(HubId id, CachedRepo repo) throws IOException {
        this.id = id;
        this.repo = repo;
        this.commit = repo.commit(id.revision());
    }

    /**
     * Its folder.
     *
     * @throws HubException if what is wanted is not all there
     */
    Path folder(FileChoice choice) throws IOException {
        if (commit == null || !Files.isDirectory(repo.snapshot(commit))) {
            throw new HubException(
                    Kind.OFFLINE,
                    id + ": is not in the cache " + repo.folder().getParent()
                            + ": fetch it once where there is a network, with './llm2vec pull " + id + "'");
        }
        Path folder = repo.snapshot(commit);
        Set<String> there = new HashSet<>(repo.files(commit));
        Collection<String> listed = listed(commit);
        Set<String> chosen = choice.of(
                new NeededFiles(id, listed == null ? there : listed, path -> CachedRepo.json(folder.resolve(path))));
        List<String> missing = new ArrayList<>(chosen);
        missing.removeAll(there);
        if (chosen.isEmpty() || (listed == null && id.kind() == HubId.Kind.MODEL && !hasWeights(chosen))) {
            missing.add("its weights");
        }
        if (!missing.isEmpty()) {
            throw new HubException(
                    Kind.OFFLINE,
                    id + ": is in the cache only in part, without " + missing.get(0)
                            + (missing.size() > 1 ? " and " + (missing.size() - 1) + " more" : "")
                            + ": fetch it once where there is a network, with './llm2vec pull " + id + "'");
        }
        return folder;
    }

    private static boolean hasWeights(Set<String> paths) {
        return paths.stream().anyMatch(path -> path.endsWith(".safetensors") || path.endsWith(".gguf"));
    }

    /** All files of the commit, where a newer version of the Python package has noted them; else null. */
    private @Nullable Collection<String> listed(String commit) throws IOException {
        Path list = repo.folder().resolve("trees").resolve(commit + ".json");
        if (!Files.isRegularFile(list)) {
            return null;
        }
        JsonNode json = CachedRepo.json(list);
        List<String> paths = new ArrayList<>();
        json.path("files").fieldNames().forEachRemaining(paths::add);
        return json.path("format_version").asInt() == 1 ? paths : null;
    }
}
