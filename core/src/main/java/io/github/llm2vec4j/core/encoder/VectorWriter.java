package io.github.llm2vec4j.core.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;

/**
 * Takes vectors one after the other, in the order of their texts, and writes each at once, so that memory does not grow with
 * their number. The file appears when it is finished; closed before that, it leaves nothing.
 */
public interface VectorWriter extends AutoCloseable {

    /**
     * Writes a vector of fp32.
     *
     * @param text that was encoded
     * @param kept values to be kept beside the vector, by name; the same names in each call
     */
    void add(String text, Map<String, JsonNode> kept, float[] vector) throws IOException;

    /** Writes a vector of bytes. */
    void add(String text, Map<String, JsonNode> kept, byte[] vector) throws IOException;

    /** Makes the file appear under its name. */
    void finish() throws IOException;

    @Override
    void close() throws IOException;
}
