package io.github.llm2vec4j.core.checkpoint;

import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The weights of a model by name, whatever file format holds them. */
public interface Weights extends AutoCloseable {

    /** The folder or file that was opened, for messages. */
    Path source();

    /** The files that hold the weights, in the order of their names. */
    List<Path> files();

    Set<String> names();

    default boolean has(String name) {
        return names().contains(name);
    }

    /** Lengths, the row first: (out, in) of a linear layer. */
    long[] shape(String name);

    /** The name of the type in which a tensor is stored, such as {@code BF16} or {@code Q4_K}. */
    String storedType(String name);

    /**
     * A tensor of a floating-point or integer type, in the scope that is open.
     *
     * @throws BadCheckpointException if there is none of that name
     */
    Tensor tensor(String name);

    /**
     * Lets go of the memory that a tensor takes since its file was read there. A tensor that was taken before stays
     * valid; it reads the file again.
     */
    void release(String name);

    @Override
    void close();
}
