package io.github.llm2vec4j.core.checkpoint;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a GGUF file: metadata, then what and where each tensor is, then the data up to the end of the
 * file, each tensor after the one before it on the next multiple of the alignment.
 *
 * @param metadata a value is a Long, Double, Boolean, String or a List of one of these
 * @param tensors by name, in the order of their data
 */
record GgufHeader(Map<String, Object> metadata, Map<String, Entry> tensors) {
    /** Bounds the memory that a hostile header can take: some four lists of a million entries. */
    private static final long MAX_VALUES = 4_000_000;

    private static final long MAX_HEADER_BYTES = 200_000_000;
    private static final int MAX_TEXT_BYTES = 16_000_000;
    private static final int MAX_NAME_BYTES = 65_535;
    private static final int MAX_RANK = 4;

    /**
     * One tensor.
     *
     * @param shape the row first, as in safetensors; the file has it the other way round
     * @param begin first byte in the file
     * @param end after the last byte
     */
    record Entry(GgufType type, long[] shape, long begin, long end) {}

    static GgufHeader read(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new Reader(file, in, size).header();
        } catch (EOFException e) {
            throw new BadCheckpointException(file, "ends within its header: it is cut short", e);
        }
    }

    /** A tensor as listed: its offset counts from the start of the data. */
    private record Listed(String name, GgufType type, long[] shape, long offset, long bytes) {}

    private static final class Reader {
        private final Path file;
        private final InputStream in;
        private final long size;
        private long position;
        private long values;

        Reader(Path file, InputStream in, long size) {
            this.file = file;
            this.in = in;
            this.size = size;
        }

        private BadCheckpointException bad(String reason) {
            return new BadCheckpointException(file, reason);
        }

        GgufHeader header() throws IOException {
            if (size < 24 || u32() != 0x46554747) {
                throw bad("not a GGUF file: it does not begin with the letters GGUF and a header");
            }
            long version = u32();
            if (version != 2 && version != 3) {
                throw bad("GGUF version " + version + " is not supported: expected 2 or 3, little-endian");
            }
            long tensors = count("tensors", 24);
            long keys = count("metadata keys", 13);
            Map<String, Object> metadata = new LinkedHashMap<>();
            for (long i = 0; i < keys; i++) {
                String key = text(MAX_NAME_BYTES);
                if (metadata.put(key, value(key)) != null) {
                    throw bad("metadata '" + key + "' is there twice");
                }
            }
            if (metadata.getOrDefault("split.count", 1L) instanceof Long parts && parts > 1) {
                throw bad("is one of " + parts + " parts of a model: join them with llama-gguf-split --merge");
            }
            List<Listed> listed = new ArrayList<>();
            for (long i = 0; i < tensors; i++) {
                listed.add(tensor());
            }
            return new GgufHeader(metadata, placed(listed, alignment(metadata)));
        }

        private long alignment(Map<String, Object> metadata) {
            Object value = metadata.getOrDefault("general.alignment", 32L);
            if (!(value instanceof Long alignment)
                    || Long.bitCount(alignment) != 1
                    || alignment < 8
                    || alignment > 1 << 20) {
                throw bad("general.alignment " + value + " is not a power of two from 8 to 2^20");
            }
            return alignment;
        }

        private Object value(String key) throws IOException {
            long type = u32();
            return type == 9 ? list(key) : scalar(key, type);
        }

        private List<Object> list(String key) throws IOException {
            long type = u32();
            long length = u64();
            long least = leastBytes(key, type);
            if (length < 0 || length > (size - position) / least) {
                throw bad("metadata '" + key + "' is a list of " + Long.toUnsignedString(length)
                        + " values, more than the file has room for");
            }
            List<Object> list = new ArrayList<>();
            for (long i = 0; i < length; i++) {
                list.add(scalar(key, type));
            }
            return list;
        }

        private int leastBytes(String key, long type) {
            return switch ((int) type) {
                case 0, 1, 7 -> 1;
                case 2, 3 -> 2;
                case 4, 5, 6 -> 4;
                case 8, 10, 11, 12 -> 8;
                default ->
                    throw bad("metadata '" + key + "' is of type " + type
                            + (type == 9 ? ", a list of lists, which is not supported" : ", which is not known"));
            };
        }

        private Object scalar(String key, long type) throws IOException {
            if (++values > MAX_VALUES || position > MAX_HEADER_BYTES) {
                throw bad("the metadata is larger than that of any model: more than " + MAX_VALUES + " values or "
                        + MAX_HEADER_BYTES + " bytes, at '" + key + "'");
            }
            leastBytes(key, type);
            return switch ((int) type) {
                case 0 -> bytes(1).get() & 0xffL;
                case 1 -> (long) bytes(1).get();
                case 2 -> bytes(2).getShort() & 0xffffL;
                case 3 -> (long) bytes(2).getShort();
                case 4 -> u32();
                case 5 -> (long) bytes(4).getInt();
                case 6 -> (double) bytes(4).getFloat();
                case 7 -> bytes(1).get() != 0;
                case 8 -> text(MAX_TEXT_BYTES);
                case 12 -> bytes(8).getDouble();
                default -> u64();
            };
        }

        private Listed tensor() throws IOException {
            String name = text(MAX_NAME_BYTES);
            long rank = u32();
            if (rank < 1 || rank > MAX_RANK) {
                throw bad("tensor '" + name + "': expected 1 to " + MAX_RANK + " dimensions, found " + rank);
            }
            long[] shape = new long[(int) rank];
            long elements = 1;
            try {
                for (int i = shape.length - 1; i >= 0; i--) {
                    shape[i] = u64();
                    if (shape[i] < 1) {
                        throw bad("tensor '" + name + "': a dimension of " + Long.toUnsignedString(shape[i]));
                    }
                    elements = Math.multiplyExact(elements, shape[i]);
                }
            } catch (ArithmeticException e) {
                throw bad("tensor '" + name + "': shape overflows");
            }
            long id = u32();
            GgufType type = GgufType.of(id);
            if (type == null) {
                throw bad("tensor '" + name + "': type " + id + " is not supported: expected one of "
                        + Arrays.toString(GgufType.values()));
            }
            long row = shape[shape.length - 1];
            if (row % type.blockSize != 0) {
                throw bad("tensor '" + name + "': a row of " + row + " is not whole blocks of " + type.blockSize
                        + " values of " + type);
            }
            long offset = u64();
            // Compared in blocks: the product in bytes could overflow.
            long blocks = elements / type.blockSize;
            if (offset < 0 || offset > size || blocks > (size - offset) / type.blockBytes) {
                throw bad("tensor '" + name + "': " + type + Arrays.toString(shape) + " at "
                        + Long.toUnsignedString(offset) + " is beyond the end of the file: it is cut short");
            }
            return new Listed(name, type, shape, offset, blocks * type.blockBytes);
        }

        private Map<String, Entry> placed(List<Listed> listed, long alignment) {
            long start = aligned(position, alignment);
            long end = 0;
            Map<String, Entry> placed = new LinkedHashMap<>();
            listed.sort(Comparator.comparingLong(Listed::offset));
            for (Listed tensor : listed) {
                if (tensor.offset != aligned(end, alignment)) {
                    throw bad("tensor '" + tensor.name + "': data begins at " + tensor.offset + ", expected "
                            + aligned(end, alignment) + ", after the one before");
                }
                end = tensor.offset + tensor.bytes;
                Entry entry = new Entry(tensor.type, tensor.shape, start + tensor.offset, start + end);
                if (placed.put(tensor.name, entry) != null) {
                    throw bad("tensor '" + tensor.name + "' is there twice");
                }
            }
            if (start + end > size || (!listed.isEmpty() && aligned(start + end, alignment) < size)) {
                throw bad("the tensors end at byte " + (start + end) + ", the file at " + size
                        + (start + end > size ? ": it is cut short" : ": it has trailing bytes"));
            }
            return placed;
        }

        private static long aligned(long at, long alignment) {
            return (at + alignment - 1) / alignment * alignment;
        }

        private long count(String what, long leastBytes) throws IOException {
            long count = u64();
            if (count < 0 || count > (size - position) / leastBytes || count > MAX_VALUES) {
                throw bad(Long.toUnsignedString(count) + " " + what + " are more than the file has room for");
            }
            return count;
        }

        private String text(long most) throws IOException {
            long length = u64();
            if (length < 0 || length > most || length > size - position) {
                throw bad("a text of " + Long.toUnsignedString(length) + " bytes at byte " + position
                        + " is longer than it may be, or than the file");
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(bytes((int) length))
                        .toString();
            } catch (CharacterCodingException e) {
                throw bad("a text at byte " + (position - length) + " is not valid UTF-8");
            }
        }

        private long u32() throws IOException {
            return bytes(4).getInt() & 0xffffffffL;
        }

        /** Negative from 2^63 on. */
        private long u64() throws IOException {
            return bytes(8).getLong();
        }

        private ByteBuffer bytes(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            position += count;
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
