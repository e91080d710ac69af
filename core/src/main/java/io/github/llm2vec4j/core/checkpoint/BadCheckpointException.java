package io.github.llm2vec4j.core.checkpoint;

import java.nio.file.Path;

/** A model file that is damaged, unsafe or not what was expected. The message names the file and the reason. */
public final class BadCheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadCheckpointException(Path file, String reason) {
        super(file + ": " + reason);
    }

    public BadCheckpointException(Path file, String reason, Throwable cause) {
        super(file + ": " + reason, cause);
    }
}
