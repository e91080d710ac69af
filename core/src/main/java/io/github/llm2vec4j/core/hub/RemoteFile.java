package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of a repository at a commit, of which only what is read is fetched, and that only once. What has come stands in
 * its place in a file as long as the whole, with holes; a second file has a byte for each piece, 1 where the piece is
 * there. Two processes that read the same file write the same bytes.
 */
public final class RemoteFile implements AutoCloseable {
    /** What is fetched at least. */
    static final int PIECE_BYTES = 128 << 10;

    /** What one request asks for at most, of a file that is read on and on. */
    private static final long MOST_ASKED = 16 << 20;

    private static final long MOST_BYTES = 16L << 40;

    private final HubId id;
    private final HubFile file;
    private final boolean offline;
    private final HubErrors errors;
    private final RangeReader reader;
    private final Path local;
    private final @Nullable FileChannel content;
    private final @Nullable FileChannel marks;
    private final byte[] there;
    private @Nullable String etag;

    /** @param repo where in the cache it is kept; a file that is there as a whole is read there */
    RemoteFile(HubId id, HubFile file, CachedRepo repo, FileAddress address, HubHttp http) {
        this.id = id;
        this.file = file.checked(id);
        this.offline = http.settings().offline();
        if (file.size() > MOST_BYTES) {
            throw new HubException(
                    Kind.UNUSABLE, id + ": lists " + file.path() + " with " + HubProgress.size(file.size()));
        }
        this.errors = new HubErrors(http.settings());
        this.reader = new RangeReader(address, http);
        try {
            if (repo.hasContent(file)) {
                local = repo.blob(file.digest());
                content = null;
                marks = null;
                there = new byte[0];
            } else {
                local = repo.partly(file.digest());
                content = open(local, file.size());
                int pieces = Math.toIntExact((file.size() + PIECE_BYTES - 1) / PIECE_BYTES);
                marks = open(repo.pieces(file.digest()), pieces);
                there = new byte[pieces];
                ByteBuffer read = ByteBuffer.wrap(there);
                while (read.hasRemaining() && marks.read(read, read.position()) > 0) {}
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Opens a file for reading and writing, made in its full length where it is new. */
    private static FileChannel open(Path path, long length) throws IOException {
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        try (FileChannel made = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            if (length > 0) {
                made.write(ByteBuffer.allocate(1), length - 1);
            }
        } catch (FileAlreadyExistsException e) {
            // goes on with it
        }
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Its path in the repository. */
    public String name() {
        return file.path();
    }

    /** Bytes of the whole. */
    public long size() {
        return file.size();
    }

    /** SHA-256 of a large file, Git's SHA-1 of a small one. */
    public String digest() {
        return file.digest();
    }

    /** A file of this machine, of the length of the whole, that has the bytes which were fetched. */
    public Path local() {
        return local;
    }

    /**
     * Fetches what is not there of a part.
     *
     * @param from its first byte
     * @param to the byte after its last
     * @throws HubException if it is not to be had
     */
    public synchronized void fetch(long from, long to) {
        if (content == null || marks == null || to <= from) {
            return;
        }
        int last = piece(to - 1);
        for (int first = piece(from); first <= last; first++) {
            if (there[first] == 1) {
                continue;
            }
            int end = first;
            while (end <= last && there[end] == 0) {
                end++;
            }
            fetch(first, end, content, marks);
            first = end - 1;
        }
    }

    private static int piece(long position) {
        return (int) (position / PIECE_BYTES);
    }

    /** Pieces that follow on one another, of which none is there. */
    private void fetch(int first, int end, FileChannel content, FileChannel marks) {
        if (offline) {
            throw new HubException(
                    Kind.OFFLINE,
                    id + ": " + file.path() + " is in the cache only in part, and HF_HUB_OFFLINE forbids to fetch more:"
                            + " read fewer rows, or unset it");
        }
        long start = (long) first * PIECE_BYTES;
        long length = Math.min(file.size(), (long) end * PIECE_BYTES) - start;
        long[] done = {start};
        try {
            try {
                reader.read(start, length, file.size(), new RangeReader.Sink() {
                    @Override
                    public void begun(HubResponse response) {
                        checkSame(response);
                    }

                    @Override
                    public void take(long position, ByteBuffer bytes) throws IOException {
                        long at = position;
                        while (bytes.hasRemaining()) {
                            at += content.write(bytes, at);
                        }
                        done[0] = at;
                    }
                });
            } finally {
                mark(first, done[0] == start + length ? end : piece(done[0]), content, marks);
            }
        } catch (FileAddress.NoRangesException e) {
            throw new HubException(
                    Kind.UNUSABLE,
                    id + ": the server of " + file.path() + " sends it only as a whole: fetch it with './llm2vec pull "
                            + id + " --include " + file.path() + "'",
                    e);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** The bytes are on the disk before the marks are. */
    private void mark(int first, int end, FileChannel content, FileChannel marks) throws IOException {
        if (end <= first) {
            return;
        }
        content.force(false);
        for (int i = first; i < end; i++) {
            there[i] = 1;
        }
        ByteBuffer changed = ByteBuffer.wrap(there, first, end - first);
        while (changed.hasRemaining()) {
            marks.write(changed, changed.position());
        }
    }

    /** The parts of one file come from one version of it. */
    private void checkSame(HubResponse response) {
        String now = response.header("ETag");
        if (etag != null && now != null && !etag.equals(now)) {
            throw new HubException(
                    Kind.DAMAGED,
                    id + ": " + file.path() + " changed while it was read: its ETag was " + etag + " and is " + now
                            + "; try again");
        }
        etag = now == null ? etag : now;
    }

    /** Whether a piece is there, and where there is none, whether all are. */
    private boolean has(int piece) {
        return content == null || there[piece] == 1;
    }

    /**
     * Its bytes from the first on. The first requests are short and each asks for as much as was read so far, so that of
     * a long file not much more is fetched than is read.
     */
    public InputStream stream() throws IOException {
        FileChannel channel = FileChannel.open(local, StandardOpenOption.READ);
        return new InputStream() {
            private long position;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (position >= size()) {
                    return -1;
                }
                int piece = piece(position);
                if (!has(piece)) {
                    fetch(position, asked(piece));
                }
                long end = content == null ? size() : Math.min(size(), (piece + 1L) * PIECE_BYTES);
                int n = channel.read(ByteBuffer.wrap(buffer, offset, (int) Math.min(length, end - position)), position);
                position += Math.max(0, n);
                return n;
            }

            /** Where to stop: before a piece that is there. */
            private long asked(int piece) {
                long most = Math.min(size(), position + Math.min(MOST_ASKED, Math.max(PIECE_BYTES, position)));
                long end = (piece + 1L) * PIECE_BYTES;
                while (end < most && !has(piece(end))) {
                    end += PIECE_BYTES;
                }
                return Math.min(size(), end);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private RuntimeException failure(IOException e) {
        return errors.withDisk(id, e);
    }

    @Override
    public void close() {
        try {
            if (content != null) {
                content.close();
            }
            if (marks != null) {
                marks.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(local + ": cannot be closed: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return id + "/" + file.path();
    }
}
