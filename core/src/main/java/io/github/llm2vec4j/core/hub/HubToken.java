package io.github.llm2vec4j.core.hub;

/** A secret by which the hub knows an account. It is sent to the endpoint alone, and shown nowhere. */
public record HubToken(String value) {
    public HubToken {
        value = value.strip();
        if (!value.matches("[\\x21-\\x7e]+")) {
            throw new IllegalArgumentException(
                    "the token of the hub (HF_TOKEN) is empty, or holds spaces or other characters that no token has");
        }
    }

    /** A text without the secret, should something have repeated it. */
    String removedFrom(String text) {
        return text.replace(value, "***");
    }

    @Override
    public String toString() {
        return "***";
    }
}
