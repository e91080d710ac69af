package io.github.llm2vec4j.core.checkpoint;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.MappedFile;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file, memory-mapped: opening reads its header alone. A tensor of a plain type is a view of the mapping, a
 * quantised one is decoded to fp32.
 */
public final class GgufFile implements Weights {
    private static final int VALUES_AT_ONCE = 1 << 20;

    private final Path path;
    private final GgufHeader header;
    private final MappedFile bytes;

    private GgufFile(Path path, GgufHeader header, MappedFile bytes) {
        this.path = path;
        this.header = header;
        this.bytes = bytes;
    }

    /** Whether a path is that of a GGUF file, by its name. */
    public static boolean isGguf(Path path) {
        return path.toString().endsWith(".gguf") && Files.isRegularFile(path);
    }

    /**
     * Opens a file after checking its header.
     *
     * @throws BadCheckpointException if the file is damaged, is not GGUF, or holds tensors of unknown types
     */
    public static GgufFile open(Path path) {
        try {
            GgufHeader header = GgufHeader.read(path);
            return new GgufFile(path, header, MappedFile.open(path, Files.size(path)));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new BadCheckpointException(path, "no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Path source() {
        return path;
    }

    @Override
    public List<Path> files() {
        return List.of(path);
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    @Override
    public long[] shape(String name) {
        return entry(name).shape().clone();
    }

    @Override
    public String storedType(String name) {
        return entry(name).type().name();
    }

    @Override
    public Tensor tensor(String name) {
        GgufHeader.Entry entry = entry(name);
        Tensor raw = bytes.bytes(entry.begin(), entry.end());
        return switch (entry.type()) {
            case F32 -> raw.viewAs(DType.F32, entry.shape());
            case F16 -> raw.viewAs(DType.F16, entry.shape());
            case BF16 -> raw.viewAs(DType.BF16, entry.shape());
            default -> decoded(raw, entry);
        };
    }

    @Override
    public void release(String name) {
        bytes.release(entry(name).begin(), entry(name).end());
    }

    private static Tensor decoded(Tensor raw, GgufHeader.Entry entry) {
        GgufType type = entry.type();
        long blocks = (entry.end() - entry.begin()) / type.blockBytes;
        Tensor result = Tensor.zeros(DType.F32, blocks * type.blockSize);
        int blocksAtOnce = VALUES_AT_ONCE / type.blockSize;
        byte[] packed = new byte[(int) Math.min(blocks, blocksAtOnce) * type.blockBytes];
        for (long done = 0; done < blocks; done += blocksAtOnce) {
            int count = (int) Math.min(blocksAtOnce, blocks - done);
            raw.readBytes(done * type.blockBytes, packed, count * type.blockBytes);
            ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[count * type.blockSize];
            for (int block = 0; block < count; block++) {
                type.decode(in, values, block * type.blockSize);
            }
            try (Scope scope = Scope.open()) {
                result.narrow(0, done * type.blockSize, values.length).copyInPlace(Tensor.of(values, values.length));
            }
        }
        return result.reshape(entry.shape());
    }

    private GgufHeader.Entry entry(String name) {
        GgufHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw new BadCheckpointException(path, "has no tensor '" + name + "'");
        }
        return entry;
    }

    // ---- metadata ----

    /** Whether the metadata has this key. */
    public boolean hasValue(String key) {
        return header.metadata().containsKey(key);
    }

    /** A text of the metadata, or null where it is missing. */
    public @Nullable String text(String key) {
        return value(key, String.class, "a text");
    }

    /** An integer of the metadata, or null where it is missing. */
    public @Nullable Long integer(String key) {
        return value(key, Long.class, "an integer");
    }

    /** A number of the metadata, or null where it is missing. */
    public @Nullable Double number(String key) {
        return header.metadata().get(key) instanceof Long whole
                ? Double.valueOf(whole)
                : value(key, Double.class, "a number");
    }

    /** A truth value of the metadata, or null where it is missing. */
    public @Nullable Boolean flag(String key) {
        return value(key, Boolean.class, "true or false");
    }

    /**
     * A list of the metadata, empty where it is missing.
     *
     * @param type String, Long or Double
     */
    public <T> List<T> list(String key, Class<T> type) {
        List<?> list = value(key, List.class, "a list");
        if (list == null) {
            return List.of();
        }
        for (Object item : list) {
            if (!type.isInstance(item)) {
                throw new BadCheckpointException(
                        path,
                        "metadata '" + key + "': expected " + type.getSimpleName() + " values, found "
                                + shortened(item));
            }
        }
        @SuppressWarnings("unchecked") // each has been looked at
        List<T> typed = (List<T>) list;
        return Collections.unmodifiableList(typed);
    }

    private <T> @Nullable T value(String key, Class<T> type, String expected) {
        Object value = header.metadata().get(key);
        if (value != null && !type.isInstance(value)) {
            throw new BadCheckpointException(
                    path, "metadata '" + key + "': expected " + expected + ", found " + shortened(value));
        }
        return type.cast(value);
    }

    private static String shortened(Object value) {
        String text = value instanceof List<?> list ? "a list of " + list.size() : value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    @Override
    public void close() {
        bytes.close();
    }
}
