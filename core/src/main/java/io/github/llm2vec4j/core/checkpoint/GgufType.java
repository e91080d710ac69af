package io.github.llm2vec4j.core.checkpoint;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The types of tensors in GGUF files. Quantised ones come in blocks: some scales, then codes of few bits, which follow
 * each other in the order that {@link #decode} writes.
 */
enum GgufType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    BF16(30, 1, 2);

    /** Values of one block. */
    final int blockSize;

    /** Bytes of one block. */
    final int blockBytes;

    private final int id;

    GgufType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    static @Nullable GgufType of(long id) {
        for (GgufType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }

    boolean isQuantised() {
        return blockSize > 1;
    }

    /**
     * Decodes one block.
     *
     * @param in little-endian, at the start of the block; left at its end
     * @param out takes {@link #blockSize} values from {@code to} on
     */
    void decode(ByteBuffer in, float[] out, int to) {
        int start = in.position();
        switch (this) {
            case Q4_0 -> nibbles(in, start + 2, out, to, half(in, start), -8 * half(in, start));
            case Q4_1 -> nibbles(in, start + 4, out, to, half(in, start), half(in, start + 2));
            case Q5_0 -> fiveBits(in, start + 2, out, to, half(in, start), -16 * half(in, start));
            case Q5_1 -> fiveBits(in, start + 4, out, to, half(in, start), half(in, start + 2));
            case Q8_0 -> {
                float scale = half(in, start);
                for (int i = 0; i < 32; i++) {
                    out[to + i] = scale * in.get(start + 2 + i);
                }
            }
            case Q4_K -> scaledGroups(in, start, start + 16, -1, out, to);
            case Q5_K -> scaledGroups(in, start, start + 48, start + 16, out, to);
            case Q6_K -> sixBits(in, start, out, to);
            default -> throw new IllegalStateException(this + " has no blocks");
        }
        in.position(start + blockBytes);
    }

    private static float half(ByteBuffer in, int at) {
        return HalfFloat.toFloat(in.getShort(at));
    }

    /** 32 codes of 4 bits: the low halves of 16 bytes, then the high halves. */
    private static void nibbles(ByteBuffer in, int codes, float[] out, int to, float scale, float offset) {
        for (int i = 0; i < 16; i++) {
            int pair = in.get(codes + i);
            out[to + i] = scale * (pair & 15) + offset;
            out[to + 16 + i] = scale * (pair >> 4 & 15) + offset;
        }
    }

    /** As {@link #nibbles}, after 32 bits that are each code's fifth. */
    private static void fiveBits(ByteBuffer in, int at, float[] out, int to, float scale, float offset) {
        int fifth = in.getInt(at);
        for (int i = 0; i < 16; i++) {
            int pair = in.get(at + 4 + i);
            out[to + i] = scale * (pair & 15 | (fifth >>> i & 1) << 4) + offset;
            out[to + 16 + i] = scale * (pair >> 4 & 15 | (fifth >>> i + 16 & 1) << 4) + offset;
        }
    }

    /**
     * Eight groups of 32 codes of 4 bits, each with a scale and an offset of 6 bits, which two halves scale in turn.
     *
     * @param fifths where each code's fifth bit is, one byte for the same place in all groups; below 0 for none
     */
    private static void scaledGroups(ByteBuffer in, int start, int codes, int fifths, float[] out, int to) {
        float scaleOfScales = half(in, start);
        float scaleOfOffsets = half(in, start + 2);
        for (int group = 0; group < 8; group++) {
            int packed = start + 4 + group % 4;
            int scale = in.get(packed);
            int offset = in.get(packed + 4);
            if (group < 4) {
                scale &= 63;
                offset &= 63;
            } else {
                int low = in.get(packed + 8);
                scale = low & 15 | (scale >> 6 & 3) << 4;
                offset = low >> 4 & 15 | (offset >> 6 & 3) << 4;
            }
            float by = scaleOfScales * scale;
            float less = scaleOfOffsets * offset;
            for (int i = 0; i < 32; i++) {
                int code = in.get(codes + group / 2 * 32 + i) >> 4 * (group % 2) & 15;
                if (fifths >= 0) {
                    code |= (in.get(fifths + i) >> group & 1) << 4;
                }
                out[to + group * 32 + i] = by * code - less;
            }
        }
    }

    /** Sixteen groups of 16 codes of 6 bits, 4 low bits apart from 2 high ones, each with a scale of 8 bits. */
    private static void sixBits(ByteBuffer in, int start, float[] out, int to) {
        float scaleOfScales = half(in, start + 208);
        for (int i = 0; i < 256; i++) {
            int part = i / 128; // each of 64 bytes of low bits and 32 of high bits
            int row = i % 128 / 32;
            int column = i % 32;
            int low = in.get(start + part * 64 + row % 2 * 32 + column) >> 4 * (row / 2) & 15;
            int high = in.get(start + 128 + part * 32 + column) >> 2 * row & 3;
            float scale = scaleOfScales * in.get(start + 192 + i / 16);
            out[to + i] = scale * ((low | high << 4) - 32);
        }
    }
}
