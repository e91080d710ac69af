package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/** What a file of {@link ServedRepo} holds: bytes in memory, or a file on the disk, of which only what is asked for is read. */
sealed interface ServedFile {
    long size();

    /** All of it. */
    byte[] bytes();

    String sha256();

    /** Sends the bytes from one position up to another. */
    void send(long from, long to, OutputStream out) throws IOException;

    /** Compared by the array itself. */
    record InMemory(byte[] bytes) implements ServedFile {
        /** By the array itself, since a large one takes long. */
        private static final Map<byte[], String> DIGESTS = Collections.synchronizedMap(new WeakHashMap<>());

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public String sha256() {
            return DIGESTS.computeIfAbsent(bytes, Sha256::ofBytes);
        }

        @Override
        public void send(long from, long to, OutputStream out) throws IOException {
            out.write(bytes, Math.toIntExact(from), Math.toIntExact(to - from));
        }
    }

    /** It must not change while it is served. */
    record OnDisk(Path file) implements ServedFile {
        private static final Map<Path, String> DIGESTS = new ConcurrentHashMap<>();

        @Override
        public long size() {
            try {
                return Files.size(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public byte[] bytes() {
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String sha256() {
            return DIGESTS.computeIfAbsent(file, path -> {
                try {
                    return Sha256.ofFile(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        @Override
        public void send(long from, long to, OutputStream out) throws IOException {
            try (FileChannel in = FileChannel.open(file)) {
                WritableByteChannel target = Channels.newChannel(out);
                for (long at = from; at < to; ) {
                    at += in.transferTo(at, to - at, target);
                }
            }
        }
    }
}
