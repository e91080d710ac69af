package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A repository of {@link HubServer}: its branches, and the files at each commit. */
public final class ServedRepo {
    private static final int LARGE_BYTES = 100_000;

    final String name;
    final Map<String, String> refs = new LinkedHashMap<>();
    final Map<String, SortedMap<String, ServedFile>> commits = new LinkedHashMap<>();
    volatile boolean hidden;

    /** Who may read the files; null where all may. */
    volatile @Nullable Set<String> admitted;

    ServedRepo(String name) {
        this.name = name;
    }

    /** Adds files to a branch, and returns the commit. */
    public String commit(String branch, Map<String, byte[]> changed) {
        Map<String, ServedFile> files = new TreeMap<>();
        changed.forEach((path, bytes) -> files.put(path, new ServedFile.InMemory(bytes)));
        return add(branch, files);
    }

    /** Has these files, and no others, at a commit of a given name. */
    public synchronized void at(String commit, Map<String, byte[]> files) {
        SortedMap<String, ServedFile> served = new TreeMap<>();
        files.forEach((path, bytes) -> served.put(path, new ServedFile.InMemory(bytes)));
        commits.put(commit, served);
    }

    /** Adds files, as they are served, to a branch. */
    synchronized String add(String branch, Map<String, ServedFile> changed) {
        String parent = refs.get(branch);
        SortedMap<String, ServedFile> files = new TreeMap<>(parent == null ? Map.of() : commits.get(parent));
        files.putAll(changed);
        StringBuilder content = new StringBuilder(name + parent);
        files.forEach((path, file) -> content.append(path).append(digest(path, file)));
        String commit = Sha256.ofText(content.toString()).substring(0, 40);
        commits.put(commit, files);
        refs.put(branch, commit);
        return commit;
    }

    /** Hides it from those without a token. */
    public ServedRepo hide() {
        hidden = true;
        return this;
    }

    /** Asks everybody but those with these tokens to accept its conditions. */
    public ServedRepo gate(String... tokens) {
        admitted = Set.of(tokens);
        return this;
    }

    synchronized @Nullable String resolve(String revision) {
        return commits.containsKey(revision) ? revision : refs.get(revision);
    }

    synchronized SortedMap<String, ServedFile> files(String commit) {
        return commits.get(commit);
    }

    static boolean isLarge(String path, long size) {
        return path.matches(".*\\.(safetensors|gguf|parquet|bin)") || size > LARGE_BYTES;
    }

    static String digest(String path, ServedFile file) {
        return isLarge(path, file.size()) ? file.sha256() : GitBlob.digest(file.bytes());
    }

    static ArrayNode tree(SortedMap<String, ServedFile> files) {
        ArrayNode tree = HubApi.JSON.createArrayNode();
        files.forEach((path, file) -> {
            ObjectNode entry = tree.addObject();
            entry.put("type", "file");
            entry.put("path", path);
            entry.put("size", file.size());
            entry.put("oid", digest(path, file));
            if (isLarge(path, file.size())) {
                ObjectNode large = entry.putObject("lfs");
                large.put("oid", digest(path, file));
                large.put("size", file.size());
                large.put("pointerSize", 134);
                entry.put("oid", GitBlob.digest(("pointer to " + path).getBytes(StandardCharsets.UTF_8)));
            }
        });
        return tree;
    }
}
