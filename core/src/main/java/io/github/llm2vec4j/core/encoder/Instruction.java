package io.github.llm2vec4j.core.encoder;

/**
 * What the vectors are for, said to the model before the text; for instance {@code Retrieve passages that answer the
 * question}. Its tokens are seen by the model but not pooled.
 *
 * @param text without leading or trailing white space; empty for none
 */
public record Instruction(String text) {
    /** No instruction. */
    public static final Instruction NONE = new Instruction("");

    public Instruction {
        text = text.strip();
    }

    public static Instruction of(String text) {
        return new Instruction(text);
    }
}
