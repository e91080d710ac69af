package io.github.llm2vec4j.evaluation.probe;

import io.github.llm2vec4j.evaluation.TextEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frozen embeddings of an encoder, checked: one finite row a text. */
public record EncoderFeatures(TextEncoder encoder) implements TextFeatures {
    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public Fitted fit(List<String> trainTexts) {
        return this::rows;
    }

    private Rows rows(@Nullable String instruction, List<String> texts) {
        float[][] vectors = encoder.encode(instruction, texts);
        if (vectors.length != texts.size()) {
            throw new IllegalArgumentException(
                    "encoder " + encoder.name() + ": expected " + texts.size() + " vectors, found " + vectors.length);
        }
        return new DenseRows(vectors);
    }
}
