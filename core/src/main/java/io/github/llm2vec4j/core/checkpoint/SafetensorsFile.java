package io.github.llm2vec4j.core.checkpoint;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.MappedFile;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, memory-mapped: opening reads its header alone, and a tensor is a view of the mapping. Files of
 * any size; the mapping ends when this file and all tensors taken from it are closed.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final Path path;
    private final SafetensorsHeader header;
    private final MappedFile bytes;

    private SafetensorsFile(Path path, SafetensorsHeader header, MappedFile bytes) {
        this.path = path;
        this.header = header;
        this.bytes = bytes;
    }

    /**
     * Opens a file after checking its header.
     *
     * @throws BadCheckpointException if the file is damaged or is not safetensors
     */
    public static SafetensorsFile open(Path path) {
        try {
            SafetensorsHeader header = SafetensorsHeader.read(path);
            return new SafetensorsFile(path, header, MappedFile.open(path, Files.size(path)));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new BadCheckpointException(path, "no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    public Path path() {
        return path;
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** The {@code __metadata__} entries of the header. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    public DType dtype(String name) {
        return entry(name).dtype();
    }

    public long[] shape(String name) {
        return entry(name).shape().clone();
    }

    /** A view of a tensor's bytes in the mapping, in the scope that is open. */
    public Tensor tensor(String name) {
        SafetensorsHeader.Entry entry = entry(name);
        if (entry.begin() == entry.end()) {
            return Tensor.zeros(entry.dtype(), entry.shape());
        }
        return bytes.bytes(header.dataStart() + entry.begin(), header.dataStart() + entry.end())
                .viewAs(entry.dtype(), entry.shape());
    }

    /** Lets go of the memory that a tensor's bytes take; a view of them reads them again where it is used. */
    void release(String name) {
        SafetensorsHeader.Entry entry = entry(name);
        bytes.release(header.dataStart() + entry.begin(), header.dataStart() + entry.end());
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw new BadCheckpointException(path, "has no tensor '" + name + "'");
        }
        return entry;
    }

    @Override
    public void close() {
        bytes.close();
    }
}
