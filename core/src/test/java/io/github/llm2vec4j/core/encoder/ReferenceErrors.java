package io.github.llm2vec4j.core.encoder;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The items of the fixtures that the reference takes wrongly, and so with other tokens or other pooled tokens. */
enum ReferenceErrors {
    /** The project's own set. */
    OWN(List.of(2, 3, 4, 6, 11), List.of(6, 10), 10, List.of(7), List.of(5), List.of(9), false),
    /** The shared set with the tokenizer of Llama and Mistral. */
    LLAMA(List.of(3, 4, 7, 15), List.of(7, 14), 14, List.of(9, 10), List.of(5, 13), List.of(12), false),
    /** The shared set with Gemma's tokenizer, which puts no space before a text. */
    GEMMA(List.of(2, 3, 4, 7, 15), List.of(7, 14), 14, List.of(9, 10), List.of(5, 13), List.of(), false),
    /** The shared set with Qwen2's tokenizer, which puts no token before a text. */
    QWEN2(List.of(2, 3, 7, 15), List.of(7, 14), 14, List.of(9, 10), List.of(5, 13), List.of(), true);

    private final List<Integer> cutSmall;
    private final List<Integer> cutDefault;
    private final int longWithInstruction;
    private final List<Integer> separators;
    private final List<Integer> empty;
    private final List<Integer> merged;
    private final boolean emptyHasNoToken;

    ReferenceErrors(
            List<Integer> cutSmall,
            List<Integer> cutDefault,
            int longWithInstruction,
            List<Integer> separators,
            List<Integer> empty,
            List<Integer> merged,
            boolean emptyHasNoToken) {
        this.cutSmall = cutSmall;
        this.cutDefault = cutDefault;
        this.longWithInstruction = longWithInstruction;
        this.separators = separators;
        this.empty = empty;
        this.merged = merged;
        this.emptyHasNoToken = emptyHasNoToken;
    }

    /** Why an item cannot be compared, by its number. */
    Map<Integer, String> of(String setting, EncoderConfig config) {
        Map<Integer, String> reasons = new TreeMap<>();
        boolean small = setting.equals("small");
        boolean mean = config.pooling() == Pooling.MEAN || config.pooling() == Pooling.WEIGHTED_MEAN;
        boolean closed = config.pooling() == Pooling.EOS_TOKEN;
        boolean skips = mean && config.skipInstruction();
        (small ? cutSmall : cutDefault)
                .forEach(i -> reasons.put(i, "a long text is cut by words, and one without spaces is lost"));
        separators.forEach(i -> reasons.put(i, "a separator in the text is taken out"));
        if (small && closed) {
            reasons.put(longWithInstruction, "a text that is cut loses its end token");
        }
        if (small && skips) {
            reasons.put(longWithInstruction, "when the whole is cut, the instruction is pooled");
        }
        if (skips) {
            empty.forEach(i -> reasons.put(i, "an empty text is the mean of its padding"));
            merged.forEach(i -> reasons.put(i, "tokens merge where instruction and text meet, and are counted apart"));
        }
        if (emptyHasNoToken && !closed) {
            reasons.put(empty.get(0), "a text without a token is nothing but padding");
        }
        return reasons;
    }
}
