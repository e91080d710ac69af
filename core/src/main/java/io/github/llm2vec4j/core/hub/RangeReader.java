package io.github.llm2vec4j.core.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a part of a file from the hub, going on where a connection has ended. */
final class RangeReader {
    private static final Logger LOG = LoggerFactory.getLogger(RangeReader.class);
    private static final int BUFFER = 1 << 16;

    private final FileAddress address;
    private final HubHttp http;

    RangeReader(FileAddress address, HubHttp http) {
        this.address = address;
        this.http = http;
    }

    /** Takes what comes. */
    interface Sink {
        /** An answer has begun. */
        default void begun(HubResponse response) throws IOException {}

        /** Some bytes, which stand at a position of the file. */
        void take(long position, ByteBuffer bytes) throws IOException;

        /** So many bytes of the part will come again. */
        default void again(long bytes) {}
    }

    /**
     * Reads a part.
     *
     * @throws FileAddress.NoRangesException if the server sends nothing but the whole file
     * @throws IOException if it ended early time and again without a byte in between
     */
    void read(long start, long length, long size, Sink sink) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long got = 0;
        int failures = 0;
        while (got < length) {
            try (HubResponse response = address.open(start, start + got, start + length, size)) {
                sink.begun(response);
                if (response.status() == 200 && got > 0) { // from the beginning, though asked to go on
                    sink.again(got);
                    got = 0;
                }
                while (got < length) {
                    int n = response.read(buffer, (int) Math.min(buffer.length, length - got));
                    if (n < 0) {
                        throw new IOException("the connection ended early");
                    }
                    sink.take(start + got, ByteBuffer.wrap(buffer, 0, n));
                    got += n;
                    failures = 0;
                }
            } catch (FileAddress.NoRangesException e) {
                sink.again(got);
                throw e;
            } catch (InterruptedIOException | FileSystemException e) {
                throw e;
            } catch (IOException e) {
                if (BlobDownload.isDiskFull(e) || ++failures == HubHttp.TRIES) {
                    throw e;
                }
                LOG.debug("{} from byte {}: {}", address, start + got, e.getMessage());
                http.waitBefore(failures);
            }
        }
    }
}
