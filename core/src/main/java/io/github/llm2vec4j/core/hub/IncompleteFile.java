package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that comes in pieces, in any order, from several threads. Behind its bytes stands one more for each piece, 1
 * where the piece is there; so what was fetched before a process was killed is found again.
 */
final class IncompleteFile implements AutoCloseable {
    private final FileChannel channel;
    private final long size;
    private final int pieceBytes;
    private final boolean[] done;

    /** Goes on with the file that is there if it has this size and these pieces, else begins a new one. */
    IncompleteFile(Path path, long size, int pieceBytes) throws IOException {
        this.size = size;
        this.pieceBytes = pieceBytes;
        this.done = new boolean[(int) ((size + pieceBytes - 1) / pieceBytes)];
        Files.createDirectories(path.getParent());
        channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.size() == size + done.length) {
                ByteBuffer marks = ByteBuffer.allocate(done.length);
                while (marks.hasRemaining() && channel.read(marks, size + marks.position()) > 0) {}
                for (int i = 0; i < done.length; i++) {
                    done[i] = marks.get(i) == 1;
                }
            } else {
                channel.truncate(0);
                if (done.length > 0) {
                    channel.write(ByteBuffer.allocate(1), size + done.length - 1);
                }
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    int pieces() {
        return done.length;
    }

    boolean isDone(int piece) {
        return done[piece];
    }

    long start(int piece) {
        return (long) piece * pieceBytes;
    }

    int length(int piece) {
        return (int) Math.min(pieceBytes, size - start(piece));
    }

    /** The bytes of the pieces that are there. */
    long bytesDone() {
        long bytes = 0;
        for (int i = 0; i < done.length; i++) {
            bytes += done[i] ? length(i) : 0;
        }
        return bytes;
    }

    void write(long position, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
    }

    void finished(int piece) throws IOException {
        write(size + piece, ByteBuffer.wrap(new byte[] {1}));
        done[piece] = true;
    }

    /** Cuts off the marks and forces the rest to disk. */
    void complete() throws IOException {
        channel.truncate(size);
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
