package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model as the evaluation sees it. */
record ModelEncoder(String name, Llm2Vec model, WordStates.Position position) implements TextEncoder, WordEncoder {

    @Override
    public float[][] encode(@Nullable String instruction, List<String> texts) {
        return model.encode(instruction == null ? Instruction.NONE : Instruction.of(instruction), texts);
    }

    @Override
    public float[][][] encodeWords(List<List<String>> sentences) {
        return new WordStates(model, position).encode(sentences);
    }
}
