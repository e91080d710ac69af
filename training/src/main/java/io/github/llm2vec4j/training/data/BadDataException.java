package io.github.llm2vec4j.training.data;

/** Data that cannot be used. The message names the file, the line, what was expected and what was found. */
public final class BadDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadDataException(String message) {
        super(message);
    }
}
