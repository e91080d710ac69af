package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.cache.CachedEncoder;
import io.github.llm2vec4j.evaluation.cache.VectorCache;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Vectors of texts that are computed once and kept. */
public final class CachedVectors {
    private CachedVectors() {}

    /**
     * An encoder whose vectors are kept below a folder: it computes those that are not there.
     *
     * @param use what else than the model's files and settings its vectors depend on
     */
    public static Function<List<String>, float[][]> of(Llm2Vec model, String use, Instruction instruction, Path cache) {
        String key =
                ModelKey.of(model.chain(), use + model.config() + model.template() + model.computeType() + instruction);
        ModelEncoder encoder = new ModelEncoder(key, model, WordStates.Position.SAME_TOKEN);
        VectorCache vectors = VectorCache.open(cache.resolve(key.substring(0, 24)));
        CachedEncoder cached = new CachedEncoder(key, new Told(key, model, instruction), encoder, vectors);
        return texts -> cached.encode(null, texts);
    }

    /** A model that is told the same with every text. */
    private record Told(String name, Llm2Vec model, Instruction instruction) implements TextEncoder {
        @Override
        public float[][] encode(@Nullable String ignored, List<String> texts) {
            return model.encode(instruction, texts);
        }
    }
}
