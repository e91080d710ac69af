package io.github.llm2vec4j.core.encoder;

/**
 * What the vectors are for, said to the model along with the text; for instance {@code Retrieve passages that answer the
 * question}. Its tokens are seen by the model but not pooled, unless the model's {@code skip_instruction} says so.
 *
 * @param text empty for none
 * @param verbatim whether it stands directly before the text as it is, as the prompts of sentence-transformers do;
 *     otherwise it stands where the model's template says
 */
public record Instruction(String text, boolean verbatim) {
    /** No instruction. */
    public static final Instruction NONE = new Instruction("", false);

    /** An instruction, without white space around it. */
    public static Instruction of(String text) {
        return new Instruction(text.strip(), false);
    }

    /** A prompt: characters that stand directly before each text. */
    public static Instruction prompt(String text) {
        return new Instruction(text, true);
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }
}
