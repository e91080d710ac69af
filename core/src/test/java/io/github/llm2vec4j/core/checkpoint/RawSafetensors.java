package io.github.llm2vec4j.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files in the shape of safetensors with any header, right or wrong. */
final class RawSafetensors {
    private RawSafetensors() {}

    /** The length of the header, the header and data of that many bytes, counting up from 0. */
    static byte[] bytes(String header, int dataBytes) {
        return bytes(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    static byte[] bytes(byte[] header, int dataBytes) {
        return withLength(header.length, header, dataBytes);
    }

    /** As {@link #bytes(byte[], int)}, with a header length that need not be true. */
    static byte[] withLength(long length, byte[] header, int dataBytes) {
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(length).put(header);
        for (int i = 0; i < dataBytes; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    /** A header of one tensor, {@code w}. */
    static String tensor(String dtype, String shape, String offsets) {
        return "{\"w\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    /** Writes a file of F32 vectors of length 2, each of the given names. */
    static Path vectors(Path file, String... names) throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < names.length; i++) {
            header.append(i == 0 ? "" : ",")
                    .append("\"" + names[i] + "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + 8 * i + ","
                            + 8 * (i + 1) + "]}");
        }
        return Files.write(file, bytes(header.append('}').toString(), 8 * names.length));
    }
}
