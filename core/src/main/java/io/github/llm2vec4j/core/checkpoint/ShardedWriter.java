package io.github.llm2vec4j.core.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes weights into a folder as {@code transformers} does: one file, or several of a limited size and an index. */
public final class ShardedWriter {
    /** The most bytes of a file, as the published 7B models have it. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    private ShardedWriter() {}

    /**
     * Writes tensors in their order; the index comes last, so a folder that lacks it is not whole.
     *
     * @param shardBytes the most bytes of tensors in a file; a larger tensor gets a file of its own
     */
    public static void write(Path folder, Map<String, SafetensorsWriter.Pending> tensors, long shardBytes)
            throws IOException {
        List<Map<String, SafetensorsWriter.Pending>> shards = shards(tensors, shardBytes);
        Map<String, String> metadata = Map.of("format", "pt");
        if (shards.size() == 1) {
            SafetensorsWriter.writePending(folder.resolve("model.safetensors"), shards.get(0), metadata);
            return;
        }
        ObjectNode index = new JsonMapper().createObjectNode();
        index.putObject("metadata")
                .put(
                        "total_size",
                        tensors.values().stream()
                                .mapToLong(SafetensorsWriter.Pending::byteCount)
                                .sum());
        ObjectNode files = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            SafetensorsWriter.writePending(folder.resolve(name), shards.get(i), metadata);
            shards.get(i).keySet().forEach(tensor -> files.put(tensor, name));
        }
        AtomicFiles.writeString(folder.resolve("model.safetensors.index.json"), index.toPrettyString() + "\n");
    }

    private static List<Map<String, SafetensorsWriter.Pending>> shards(
            Map<String, SafetensorsWriter.Pending> tensors, long shardBytes) {
        List<Map<String, SafetensorsWriter.Pending>> shards = new ArrayList<>();
        shards.add(new LinkedHashMap<>());
        long size = 0;
        for (Map.Entry<String, SafetensorsWriter.Pending> e : tensors.entrySet()) {
            long bytes = e.getValue().byteCount();
            if (size > 0 && size + bytes > shardBytes) {
                shards.add(new LinkedHashMap<>());
                size = 0;
            }
            shards.get(shards.size() - 1).put(e.getKey(), e.getValue());
            size += bytes;
        }
        return shards;
    }
}
