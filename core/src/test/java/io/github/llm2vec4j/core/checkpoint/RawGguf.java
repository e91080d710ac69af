package io.github.llm2vec4j.core.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files in the shape of GGUF, right or wrong, written piece by piece. */
final class RawGguf {
    static final int U8 = 0;
    static final int U32 = 4;
    static final int F32 = 6;
    static final int TEXT = 8;
    static final int LIST = 9;
    static final int U64 = 10;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** The start of a file of version 3. */
    static RawGguf start(long tensors, long keys) {
        return new RawGguf().ascii("GGUF").u32(3).u64(tensors).u64(keys);
    }

    /** One tensor {@code w} of F32 values, in the order of lengths in the file. */
    static RawGguf tensor(int type, long offset, long... lengths) {
        return start(1, 0).listed("w", type, offset, lengths);
    }

    RawGguf listed(String name, int type, long offset, long... lengths) {
        text(name).u32(lengths.length);
        for (long length : lengths) {
            u64(length);
        }
        return u32(type).u64(offset);
    }

    RawGguf ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    RawGguf u32(long value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) value)
                .array());
        return this;
    }

    RawGguf u64(long value) {
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    RawGguf bytes(int... values) {
        for (int value : values) {
            out.write(value);
        }
        return this;
    }

    /** A text with its length before it. */
    RawGguf text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        u64(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    /** Zeros up to the next multiple of 32, then the data: bytes counting up from 0. */
    byte[] withData(int count) {
        while (out.size() % 32 != 0) {
            out.write(0);
        }
        for (int i = 0; i < count; i++) {
            out.write(i);
        }
        return out.toByteArray();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
