package io.github.llm2vec4j.benchmark;

import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import java.util.List;

/** Times the encoding of texts, tokenising included, with a model that is loaded. */
public final class EncodeBenchmark {
    private final Llm2Vec model;
    private final List<String> texts;
    private final long tokens;

    public EncodeBenchmark(Llm2Vec model, List<String> texts) {
        this.model = model;
        this.texts = List.copyOf(texts);
        this.tokens = model.prepare(Instruction.NONE, texts).stream()
                .mapToLong(text -> text.ids().length)
                .sum();
    }

    /**
     * One pass over all texts.
     *
     * @param tokens of all texts, padding not counted
     */
    public record Round(int texts, long tokens, double seconds) {
        public double tokensPerSecond() {
            return tokens / seconds;
        }
    }

    /** Encodes all texts once. */
    public Round round() {
        long start = System.nanoTime();
        model.encode(texts);
        return new Round(texts.size(), tokens, (System.nanoTime() - start) * 1e-9);
    }
}
