package io.github.llm2vec4j.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The weights of a model folder by name: {@code model.safetensors}, or shards with their index. */
public final class Checkpoint implements Weights {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> byName;

    private Checkpoint(Path folder, List<SafetensorsFile> files, Map<String, SafetensorsFile> byName) {
        this.folder = folder;
        this.files = files;
        this.byName = byName;
    }

    /**
     * Opens the weights of a folder.
     *
     * @throws BadCheckpointException if there are none, or a file is damaged, or the index does not fit its shards
     */
    public static Checkpoint open(Path folder) {
        Path single = folder.resolve(SINGLE);
        Path index = folder.resolve(INDEX);
        // As transformers: a single file comes before an index, which may be left from an earlier save.
        if (!Files.exists(single) && Files.exists(index)) {
            return sharded(folder, index);
        }
        if (!Files.exists(single)) {
            throw new BadCheckpointException(
                    folder,
                    "has no " + SINGLE + " and no " + INDEX
                            + "; weights in pickle files (.bin, .pt) are not read: convert them to safetensors");
        }
        SafetensorsFile file = SafetensorsFile.open(single);
        Map<String, SafetensorsFile> byName = new HashMap<>();
        file.names().forEach(name -> byName.put(name, file));
        return new Checkpoint(folder, List.of(file), byName);
    }

    private static Checkpoint sharded(Path folder, Path index) {
        Map<String, String> shardOf = readIndex(index);
        Map<String, SafetensorsFile> shards = new TreeMap<>();
        Map<String, SafetensorsFile> byName = new HashMap<>();
        try {
            for (String shard : new TreeSet<>(shardOf.values())) {
                SafetensorsFile file = SafetensorsFile.open(shardPath(folder, index, shard));
                shards.put(shard, file);
                for (String name : file.names()) {
                    SafetensorsFile other = byName.put(name, file);
                    if (other != null) {
                        throw new BadCheckpointException(
                                index,
                                "tensor '" + name + "' is in two shards: "
                                        + other.path().getFileName() + " and " + shard);
                    }
                }
            }
            for (Map.Entry<String, String> e : shardOf.entrySet()) {
                if (byName.get(e.getKey()) != shards.get(e.getValue())) {
                    throw new BadCheckpointException(
                            index, "tensor '" + e.getKey() + "' is listed in " + e.getValue() + " but is not there");
                }
            }
            for (String name : byName.keySet()) {
                if (!shardOf.containsKey(name)) {
                    throw new BadCheckpointException(
                            index,
                            "tensor '" + name + "' is in "
                                    + byName.get(name).path().getFileName() + " but not in the index");
                }
            }
        } catch (RuntimeException e) {
            shards.values().forEach(SafetensorsFile::close);
            throw e;
        }
        return new Checkpoint(folder, new ArrayList<>(shards.values()), byName);
    }

    private static Map<String, String> readIndex(Path index) {
        try {
            if (Files.size(index) > SafetensorsHeader.MAX_HEADER_BYTES) {
                throw new BadCheckpointException(index, "is larger than an index can be");
            }
            JsonNode map = SafetensorsHeader.JSON.readTree(index.toFile()).path("weight_map");
            if (!map.isObject() || map.isEmpty()) {
                throw new BadCheckpointException(index, "has no weight_map");
            }
            Map<String, String> shardOf = new TreeMap<>();
            map.properties().forEach(e -> shardOf.put(e.getKey(), e.getValue().asText()));
            return shardOf;
        } catch (JsonProcessingException e) {
            throw new BadCheckpointException(index, "is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(index + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A shard must be a plain file name in the folder; a link may point into the cache that holds the snapshot. */
    private static Path shardPath(Path folder, Path index, String shard) {
        boolean plain = shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*") && shard.endsWith(".safetensors");
        if (!plain) {
            throw new BadCheckpointException(
                    index, "shard '" + shard + "' is not the name of a .safetensors file in this folder");
        }
        Path path = folder.resolve(shard);
        if (!Files.exists(path)) {
            throw new BadCheckpointException(index, "lists shard " + shard + ", which is missing");
        }
        try {
            Path real = path.toRealPath();
            Path root = folder.toRealPath();
            Path blobs = blobs(root);
            boolean inCache = real.startsWith(blobs) || real.startsWith(shared(blobs));
            if (!real.startsWith(root) && !inCache) {
                throw new BadCheckpointException(index, "shard " + shard + " is a link that leads out of the folder");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be resolved: " + e.getMessage(), e);
        }
        return path;
    }

    /**
     * The folder that the links of a Hugging Face cache snapshot lead to: {@code models--o--n/blobs} for
     * {@code models--o--n/snapshots/revision} and the folders in it; the folder itself for any other.
     */
    private static Path blobs(Path root) {
        for (Path path = root.getParent(); path != null; path = path.getParent()) {
            Path model = path.getParent();
            Path name = model == null ? null : model.getFileName();
            if (model != null && name != null && name.toString().startsWith("models--") && path.endsWith("snapshots")) {
                return model.resolve("blobs");
            }
        }
        return root;
    }

    /** Where newer versions of huggingface_hub keep what several models have: {@code blobs} beside them. */
    private static Path shared(Path blobs) {
        Path model = blobs.endsWith("blobs") ? blobs.getParent() : null;
        return model == null ? blobs : model.resolveSibling("blobs");
    }

    @Override
    public Path source() {
        return folder;
    }

    @Override
    public List<Path> files() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(byName.keySet());
    }

    @Override
    public long[] shape(String name) {
        return file(name).shape(name);
    }

    @Override
    public String storedType(String name) {
        return file(name).dtype(name).safetensorsName();
    }

    /** A view of the mapped tensor, in the scope that is open. */
    @Override
    public Tensor tensor(String name) {
        return file(name).tensor(name);
    }

    @Override
    public void release(String name) {
        file(name).release(name);
    }

    private SafetensorsFile file(String name) {
        SafetensorsFile file = byName.get(name);
        if (file == null) {
            throw new BadCheckpointException(folder, "has no tensor '" + name + "'");
        }
        return file;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
