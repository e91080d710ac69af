package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is to be uploaded.
 *
 * @param path its path in the repository, with slashes
 * @param source where it is, or null for one that is made for the purpose
 * @param made its content, where it is made
 * @param large whether it goes to the store of large files
 * @param digest SHA-256 of a large file, Git's SHA-1 of a small one
 */
record PushedFile(String path, @Nullable Path source, byte[] made, long size, boolean large, String digest) {
    private static final int SAMPLE = 512;

    static PushedFile of(String path, Path source) throws IOException {
        return new PushedFile(path, source, new byte[0], Files.size(source), false, "");
    }

    static PushedFile of(String path, byte[] made) {
        return new PushedFile(path, null, made, made.length, false, "");
    }

    PushedFile asLarge(boolean isLarge) throws IOException {
        String sum = isLarge
                ? (source == null ? Sha256.ofBytes(made) : Sha256.ofFile(source))
                : (source == null ? GitBlob.digest(made) : GitBlob.digest(source));
        return new PushedFile(path, source, made, size, isLarge, sum);
    }

    /** Its first bytes, by which the hub tells text. */
    byte[] sample() throws IOException {
        try (InputStream in = open(0)) {
            return in.readNBytes(SAMPLE);
        }
    }

    byte[] bytes() throws IOException {
        return source == null ? made : Files.readAllBytes(source);
    }

    /** Its bytes from a position on. */
    InputStream open(long from) throws IOException {
        if (source == null) {
            return new ByteArrayInputStream(made, (int) from, made.length - (int) from);
        }
        FileChannel channel = FileChannel.open(source);
        try {
            return Channels.newInputStream(channel.position(from));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
