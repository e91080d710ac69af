package io.github.llm2vec4j.core.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is mapped and not copied: its bytes are read when they are touched, and it is never written. The mapping
 * ends when this and all tensors taken from it are closed.
 */
public final class MappedFile implements AutoCloseable {
    /** A multiple of the page size of every system. */
    private static final long PAGE = 1 << 16;

    private static final int MADV_DONTNEED = 4; // as Linux counts

    private static final Logger LOG = LoggerFactory.getLogger(MappedFile.class);

    private final Tensor bytes;

    private MappedFile(Tensor bytes) {
        this.bytes = bytes.keep();
    }

    /** Maps the first {@code length} bytes of a file. */
    public static MappedFile open(Path file, long length) {
        try (Scope scope = Scope.open()) {
            return new MappedFile(new Tensor(torch.from_file(
                    new BytePointer(file.toString(), StandardCharsets.UTF_8),
                    new BoolOptional(false),
                    new LongOptional(length),
                    new TensorOptions(DType.U8.scalarType))));
        }
    }

    /** The bytes from one offset to before another, as a view in the scope that is open. */
    public Tensor bytes(long from, long to) {
        return bytes.narrow(0, from, to - from);
    }

    /**
     * Lets go of the memory that these bytes take since they were touched; whoever touches them again has them read
     * again. A hint: where the system is not Linux, or cannot be called, it lets go of them when memory is short.
     */
    public void release(long from, long to) {
        if (!Platform.isLinux() || from >= to) {
            return;
        }
        try (Scope scope = Scope.open()) {
            long start = from / PAGE * PAGE;
            Pointer address = new Pointer(bytes.pointer().data_ptr().address() + start);
            NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
                    .getFunction("madvise")
                    .invokeInt(new Object[] {address, to - start, MADV_DONTNEED});
        } catch (LinkageError e) {
            LOG.debug("pages of mapped files are not let go of: {}", e.toString()); // as on a disk that is full
        }
    }

    @Override
    public void close() {
        bytes.close();
    }
}
