package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.core.checkpoint.PendingFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A header that says the shape, then all values in row order. The header is written again at the end, with the shape. */
final class MatrixWriter implements VectorWriter {
    /** The header of a matrix, as many bytes whatever its shape. */
    @FunctionalInterface
    interface Header {
        byte[] of(long rows, int columns);
    }

    private final PendingFile pending;
    private final Header header;
    private final FileChannel channel;
    private final OutputStream out;
    private long rows;
    private int columns;

    MatrixWriter(Path file, Header header) throws IOException {
        this.header = header;
        pending = PendingFile.beside(file);
        channel = FileChannel.open(pending.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        out.write(header.of(0, 0));
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, float[] vector) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        out.write(bytes.array());
        count(vector.length);
    }

    @Override
    public void add(String text, Map<String, JsonNode> kept, byte[] vector) throws IOException {
        out.write(vector);
        count(vector.length);
    }

    private void count(int length) {
        if (rows > 0 && length != columns) {
            throw new IllegalArgumentException(
                    "vector " + (rows + 1) + ": expected " + columns + " values, found " + length);
        }
        columns = length;
        rows++;
    }

    @Override
    public void finish() throws IOException {
        out.flush();
        ByteBuffer start = ByteBuffer.wrap(header.of(rows, columns));
        while (start.hasRemaining()) {
            channel.write(start, start.position());
        }
        channel.close();
        pending.commit();
    }

    @Override
    public void close() throws IOException {
        try (pending) {
            channel.close();
        }
    }
}
