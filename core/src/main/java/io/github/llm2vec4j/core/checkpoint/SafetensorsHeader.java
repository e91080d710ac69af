package io.github.llm2vec4j.core.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.torch.DType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file: 8 bytes of length, JSON, then the data without a hole or an overlap up to
 * the last byte of the file.
 *
 * @param dataStart offset of the first data byte in the file
 * @param tensors by name, in the order of their data
 * @param metadata the {@code __metadata__} entries
 */
record SafetensorsHeader(long dataStart, Map<String, Entry> tensors, Map<String, String> metadata) {
    /** The largest header the format allows, in bytes. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int MAX_RANK = 16;

    /** Some 300,000 tensors; it bounds the memory that a hostile header of the largest size can take. */
    private static final long MAX_TOKENS = 4_000_000;

    /** Strict, and bounded in depth and in what it builds. */
    static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxStringLength(1_000_000)
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** One tensor: type, shape and the half-open range of its bytes after {@code dataStart}. */
    record Entry(DType dtype, long[] shape, long begin, long end) {}

    static SafetensorsHeader read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < 8) {
                throw new BadCheckpointException(
                        file, "not a safetensors file: expected a header length of 8 bytes, found " + size + " bytes");
            }
            byte[] start = bytes(channel, file, 0, 8);
            long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (length < 2 || length > MAX_HEADER_BYTES || length > size - 8) {
                refusePickle(file, start);
                throw new BadCheckpointException(
                        file,
                        "header length " + Long.toUnsignedString(length) + " is not within 2 and "
                                + Math.min(MAX_HEADER_BYTES, size - 8) + ": the file is cut short or not safetensors");
            }
            return parse(file, bytes(channel, file, 8, (int) length), 8 + length, size);
        }
    }

    /** Asked only when the bytes are no header length: 19,280 for instance begins with the letters PK too. */
    private static void refusePickle(Path file, byte[] start) {
        boolean zip = start[0] == 'P' && start[1] == 'K';
        boolean pickle = (start[0] & 0xff) == 0x80 && start[1] >= 2 && start[1] <= 5;
        if (zip || pickle) {
            throw new BadCheckpointException(
                    file,
                    "this is a pickle or zip archive, which can run code when it is read: convert it with the Python"
                            + " package safetensors (safetensors.torch.save_file) on a machine where you trust it");
        }
    }

    private static byte[] bytes(FileChannel channel, Path file, long from, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new BadCheckpointException(file, "ends within its header");
            }
        }
        return buffer.array();
    }

    private static SafetensorsHeader parse(Path file, byte[] header, long dataStart, long size) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(
                    new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()));
        } catch (CharacterCodingException e) {
            throw new BadCheckpointException(file, "the header is not valid UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new BadCheckpointException(file, "the header is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (root == null || !root.isObject()) {
            throw new BadCheckpointException(file, "the header is not a JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Map.Entry<String, Entry>> entries = new ArrayList<>();
        root.properties().forEach(property -> {
            if (property.getKey().equals("__metadata__")) {
                metadata.putAll(metadata(file, property.getValue()));
            } else {
                entries.add(Map.entry(property.getKey(), entry(file, property.getKey(), property.getValue())));
            }
        });
        return new SafetensorsHeader(dataStart, contiguous(file, entries, size - dataStart), metadata);
    }

    private static Map<String, String> metadata(Path file, JsonNode node) {
        if (!node.isObject()) {
            throw new BadCheckpointException(file, "__metadata__ is not a JSON object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        node.properties().forEach(item -> {
            if (!item.getValue().isTextual()) {
                throw new BadCheckpointException(file, "__metadata__ '" + item.getKey() + "' is not a string");
            }
            metadata.put(item.getKey(), item.getValue().asText());
        });
        return metadata;
    }

    private static Entry entry(Path file, String name, JsonNode node) {
        if (!node.isObject()) {
            throw new BadCheckpointException(file, "tensor '" + name + "': expected a JSON object, found " + node);
        }
        DType dtype = null;
        for (DType candidate : DType.values()) {
            if (candidate.safetensorsName().equals(node.path("dtype").asText())) {
                dtype = candidate;
            }
        }
        if (dtype == null) {
            throw new BadCheckpointException(file, "tensor '" + name + "': unknown dtype " + node.path("dtype"));
        }
        JsonNode dims = node.path("shape");
        if (!dims.isArray() || dims.size() > MAX_RANK) {
            throw new BadCheckpointException(
                    file, "tensor '" + name + "': shape is not an array of at most " + MAX_RANK + " lengths");
        }
        long[] shape = new long[dims.size()];
        // Lengths of 0 are left out of the check: the strides of (0, 2^62, 4) overflow all the same.
        long bytes = dtype.bytes();
        boolean empty = false;
        try {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = length(file, name, dims.get(i));
                empty |= shape[i] == 0;
                bytes = Math.multiplyExact(bytes, Math.max(1, shape[i]));
            }
        } catch (ArithmeticException e) {
            throw new BadCheckpointException(file, "tensor '" + name + "': shape " + dims + " overflows", e);
        }
        bytes = empty ? 0 : bytes;
        JsonNode offsets = node.path("data_offsets");
        if (!offsets.isArray() || offsets.size() != 2) {
            throw new BadCheckpointException(file, "tensor '" + name + "': data_offsets is not a pair");
        }
        long begin = length(file, name, offsets.get(0));
        long end = length(file, name, offsets.get(1));
        if (begin > end || end - begin != bytes) {
            throw new BadCheckpointException(
                    file,
                    "tensor '" + name + "': " + dtype + " " + dims + " needs " + bytes + " bytes, data_offsets are "
                            + offsets);
        }
        return new Entry(dtype, shape, begin, end);
    }

    private static long length(Path file, String name, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0) {
            throw new BadCheckpointException(
                    file, "tensor '" + name + "': expected a length of 0 to 2^63-1, found " + node);
        }
        return node.asLong();
    }

    private static Map<String, Entry> contiguous(Path file, List<Map.Entry<String, Entry>> entries, long dataBytes) {
        entries.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
                .thenComparingLong(e -> e.getValue().end));
        Map<String, Entry> sorted = new LinkedHashMap<>();
        long position = 0;
        for (Map.Entry<String, Entry> e : entries) {
            if (e.getValue().begin != position) {
                throw new BadCheckpointException(
                        file,
                        "tensor '" + e.getKey() + "': data begins at " + e.getValue().begin
                                + (e.getValue().begin > position
                                        ? ", after a hole from "
                                        : ", inside the one before, to ")
                                + position);
            }
            position = e.getValue().end;
            sorted.put(e.getKey(), e.getValue());
        }
        if (position != dataBytes) {
            throw new BadCheckpointException(
                    file,
                    "the tensors end at byte " + position + " of the data, the file at " + dataBytes
                            + (position > dataBytes ? ": it is cut short" : ": it has trailing bytes"));
        }
        return sorted;
    }
}
