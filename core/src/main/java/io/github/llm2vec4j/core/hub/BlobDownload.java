package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the content of one file into the cache: in pieces side by side, going on where an earlier process or connection
 * ended, and under its name only after its checksum was found to be right.
 */
final class BlobDownload {
    private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);

    private final HubId id;
    private final HubFile file;
    private final CachedRepo repo;
    private final HubHttp http;
    private final Transfers transfers;
    private final HubProgress progress;
    private final RangeReader reader;

    BlobDownload(
            HubId id,
            HubFile file,
            URI address,
            CachedRepo repo,
            HubHttp http,
            Transfers transfers,
            HubProgress progress) {
        this.id = id;
        this.file = file;
        this.repo = repo;
        this.http = http;
        this.transfers = transfers;
        this.progress = progress;
        this.reader = new RangeReader(new FileAddress(id, file.path(), address, http), http);
    }

    /** What an earlier attempt has left to go on with. */
    long bytesDone() throws IOException {
        Path path = repo.incomplete(file.digest());
        if (!Files.isRegularFile(path)) {
            return 0;
        }
        try (IncompleteFile part = open()) {
            return part.bytesDone();
        }
    }

    void run() throws IOException {
        Path blob = repo.blob(file.digest());
        try (BlobLock lock = BlobLock.take(repo.lock(file.digest()))) {
            if (repo.hasContent(file)) {
                progress.moved(file.size() - bytesDone()); // another process was faster
                Files.deleteIfExists(repo.incomplete(file.digest()));
                return;
            }
            Path incomplete = repo.incomplete(file.digest());
            String found = "";
            for (int tries = 0; tries < 2; tries++) {
                transfer();
                found = digest(incomplete);
                if (found.equals(file.digest())) {
                    Files.move(incomplete, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    return;
                }
                Files.delete(incomplete);
                LOG.warn("{}: {} arrived damaged and is fetched again", id, file.path());
                progress.moved(-file.size());
            }
            throw new HubException(
                    Kind.DAMAGED,
                    id + ": " + file.path() + " arrived damaged twice: its checksum is " + found + ", the hub says "
                            + file.digest() + "; nothing of it was kept, try again later");
        }
    }

    private IncompleteFile open() throws IOException {
        long smallest = Math.min(file.size() >> 20, 1 << 30); // no more than some million pieces
        int pieceBytes = (int) Math.max(http.settings().transfer().pieceBytes(), smallest);
        return new IncompleteFile(repo.incomplete(file.digest()), file.size(), pieceBytes);
    }

    private void transfer() throws IOException {
        try (IncompleteFile part = open()) {
            AtomicBoolean ranges = new AtomicBoolean(true);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < part.pieces(); i++) {
                int piece = i;
                if (!part.isDone(piece)) {
                    tasks.add(() -> {
                        if (ranges.get() && !fetch(part, part.start(piece), part.length(piece))) {
                            ranges.set(false);
                        }
                        if (ranges.get()) {
                            part.finished(piece);
                        }
                        return null;
                    });
                }
            }
            transfers.pieces(tasks);
            if (!ranges.get()) {
                LOG.debug("{}: {} comes whole, since the server knows no ranges", id, file.path());
                progress.moved(-part.bytesDone());
                transfers.pieces(List.of(() -> {
                    fetch(part, 0, file.size());
                    return null;
                }));
            }
            part.complete();
        }
    }

    /** Writes a piece; false where the server sends nothing but the whole file. */
    private boolean fetch(IncompleteFile part, long start, long length) throws IOException {
        try {
            reader.read(start, length, file.size(), new RangeReader.Sink() {
                @Override
                public void begun(HubResponse response) throws IOException {
                    transfers.goOn();
                }

                @Override
                public void take(long position, ByteBuffer bytes) throws IOException {
                    transfers.goOn();
                    int n = bytes.remaining();
                    part.write(position, bytes);
                    progress.moved(n);
                }

                @Override
                public void again(long bytes) {
                    progress.moved(-bytes);
                }
            });
            return true;
        } catch (FileAddress.NoRangesException e) {
            return false;
        }
    }

    static boolean isDiskFull(IOException e) {
        return String.valueOf(e.getMessage()).contains("No space left");
    }

    /** In the way of the checksum that the hub names: SHA-256, or that of a blob of Git. */
    private String digest(Path path) throws IOException {
        return file.digest().length() == 64 ? Sha256.ofFile(path) : GitBlob.digest(path);
    }
}
