package io.github.llm2vec4j.training;

/** Settings that cannot be used. The message names the file, the key, what was expected and what was found. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
