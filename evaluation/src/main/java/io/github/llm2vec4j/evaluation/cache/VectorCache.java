package io.github.llm2vec4j.evaluation.cache;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of one model on disk, found again by what was encoded. A folder of files {@code *.vectors}, each written once
 * and whole, so several processes may share it. A file, little-endian: the eight letters {@code L2VCACHE}; then for each
 * entry the 32 bytes of its key's SHA-256, the number of rows and the length of a row (int32), and the rows (fp32). A file
 * that is not so is not read.
 */
public final class VectorCache {
    private static final byte[] MAGIC = {'L', '2', 'V', 'C', 'A', 'C', 'H', 'E'};
    private static final int KEY_BYTES = 32;
    private static final int HEAD_BYTES = KEY_BYTES + 2 * Integer.BYTES;
    private static final String ENDING = ".vectors";

    private final Path folder;
    private final Map<String, Entry> entries = new HashMap<>(); // SHA-256 in hexadecimal -> place

    private record Entry(Path file, long offset, int rows, int length) {}

    private VectorCache(Path folder) {
        this.folder = folder;
    }

    /** Opens a folder, which need not be there yet. */
    public static VectorCache open(Path folder) {
        VectorCache cache = new VectorCache(folder);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(f -> f.toString().endsWith(ENDING))
                        .sorted()
                        .toList()) {
                    cache.index(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(folder + ": the cache cannot be read: " + e.getMessage(), e);
            }
        }
        return cache;
    }

    /** How many keys it holds. */
    public synchronized int size() {
        return entries.size();
    }

    private void index(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer magic = read(channel, 0, MAGIC.length);
            if (magic == null || !magic.equals(ByteBuffer.wrap(MAGIC))) {
                return;
            }
            Map<String, Entry> found = new HashMap<>();
            long at = MAGIC.length;
            while (at < channel.size()) {
                ByteBuffer head = read(channel, at, HEAD_BYTES);
                if (head == null) {
                    return;
                }
                byte[] key = new byte[KEY_BYTES];
                head.get(key);
                int rows = head.getInt();
                int length = head.getInt();
                at += HEAD_BYTES;
                long bytes = (long) rows * length * Float.BYTES;
                if (rows < 0 || length < 0 || bytes > channel.size() - at) {
                    return;
                }
                found.put(HexFormat.of().formatHex(key), new Entry(file, at, rows, length));
                at += bytes;
            }
            entries.putAll(found);
        }
    }

    private static @Nullable ByteBuffer read(FileChannel channel, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                return null;
            }
        }
        return buffer.flip();
    }

    /** float[rows][length] for each key, in order; null for a key that is not there. */
    public synchronized List<float @Nullable [][]> get(List<String> keys) {
        Map<Path, FileChannel> open = new HashMap<>();
        try {
            float[][][] found = new float[keys.size()][][];
            for (int i = 0; i < found.length; i++) {
                Entry entry = entries.get(Sha256.ofText(keys.get(i)));
                if (entry != null) {
                    FileChannel channel = open.get(entry.file());
                    if (channel == null) {
                        channel = FileChannel.open(entry.file());
                        open.put(entry.file(), channel);
                    }
                    found[i] = rows(channel, entry);
                }
            }
            return java.util.Arrays.asList(found);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the cache cannot be read: " + e.getMessage(), e);
        } finally {
            open.values().forEach(VectorCache::close);
        }
    }

    private static float @Nullable [][] rows(FileChannel channel, Entry entry) throws IOException {
        ByteBuffer bytes =
                read(channel, entry.offset(), Math.multiplyExact(entry.rows() * entry.length(), Float.BYTES));
        if (bytes == null) {
            return null;
        }
        float[][] rows = new float[entry.rows()][entry.length()];
        for (float[] row : rows) {
            bytes.asFloatBuffer().get(row);
            bytes.position(bytes.position() + row.length * Float.BYTES);
        }
        return rows;
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds float[rows][length] for each key, as one new file. */
    public synchronized void put(List<String> keys, List<float[][]> values) {
        if (keys.isEmpty()) {
            return;
        }
        String name =
                Sha256.ofText(keys.get(0) + keys.size() + System.nanoTime()).substring(0, 16) + ENDING;
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            AtomicFiles.write(file, out -> {
                OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
                buffered.write(MAGIC);
                for (int i = 0; i < keys.size(); i++) {
                    buffered.write(bytes(keys.get(i), values.get(i)));
                }
                buffered.flush();
            });
            index(file);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the cache cannot be written: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String key, float[][] rows) {
        int length = rows.length == 0 ? 0 : rows[0].length;
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + rows.length * length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(HexFormat.of().parseHex(Sha256.ofText(key)))
                .putInt(rows.length)
                .putInt(length);
        for (float[] row : rows) {
            bytes.asFloatBuffer().put(row);
            bytes.position(bytes.position() + length * Float.BYTES);
        }
        return bytes.array();
    }
}
