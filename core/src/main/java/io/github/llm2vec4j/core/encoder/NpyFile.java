package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.torch.DType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Matrices in NumPy's format 1.0: little-endian, in row order. */
final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern HEADER = Pattern.compile(
            "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\((\\d{1,9}), (\\d{1,9})\\), \\}\\s*");

    private static final int HEADER_BYTES = 128;

    private NpyFile() {}

    /** The start of a matrix of fp32 or bytes, 128 bytes long. */
    static byte[] header(DType type, long rows, int columns) {
        String name = type == DType.F32 ? "<f4" : type == DType.U8 ? "|u1" : "|i1";
        String header = "{'descr': '" + name + "', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        ByteBuffer start = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        start.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (HEADER_BYTES - 10));
        start.put(
                (header + " ".repeat(HEADER_BYTES - 11 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
        return start.array();
    }

    /**
     * Reads a matrix of fp32.
     *
     * @throws BadCheckpointException if it is none, or not all there
     */
    static float[][] read(Path file) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            ByteBuffer start = ByteBuffer.wrap(in.readNBytes(10)).order(ByteOrder.LITTLE_ENDIAN);
            if (start.remaining() < 10 || !start.slice(0, 6).equals(ByteBuffer.wrap(MAGIC)) || start.get(6) != 1) {
                throw new BadCheckpointException(file, "is not a .npy file of version 1");
            }
            String header =
                    new String(in.readNBytes(Short.toUnsignedInt(start.getShort(8))), StandardCharsets.ISO_8859_1);
            Matcher matcher = HEADER.matcher(header);
            if (!matcher.matches()) {
                throw new BadCheckpointException(
                        file, "expected a matrix of float32 in row order, found " + header.strip());
            }
            return rows(file, in, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        } catch (IOException e) {
            throw new BadCheckpointException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static float[][] rows(Path file, InputStream in, int count, int columns) throws IOException {
        long expected = Math.multiplyExact(4L * count, columns);
        if (Files.size(file) < expected) {
            throw new BadCheckpointException(file, "ends before its " + count + " rows of " + columns);
        }
        float[][] rows = new float[count][columns];
        for (float[] row : rows) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(4 * columns)).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.remaining() < 4 * columns) {
                throw new BadCheckpointException(file, "ends before its " + count + " rows of " + columns);
            }
            bytes.asFloatBuffer().get(row);
        }
        return rows;
    }
}
