package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An encoder whose model is loaded when it is first asked for a vector. */
final class LazyEncoder<E extends TextEncoder & WordEncoder> implements TextEncoder, WordEncoder, AutoCloseable {
    private final String name;
    private final Supplier<Llm2Vec> load;
    private final Function<Llm2Vec, E> encoder;
    private @Nullable Llm2Vec loaded;

    LazyEncoder(String name, Supplier<Llm2Vec> load, Function<Llm2Vec, E> encoder) {
        this.name = name;
        this.load = load;
        this.encoder = encoder;
    }

    private E encoder() {
        Llm2Vec model = loaded;
        if (model == null) {
            model = load.get();
            loaded = model;
        }
        return encoder.apply(model);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public float[][] encode(@Nullable String instruction, List<String> texts) {
        return encoder().encode(instruction, texts);
    }

    @Override
    public float[][][] encodeWords(List<List<String>> sentences) {
        return encoder().encodeWords(sentences);
    }

    @Override
    public void close() {
        Llm2Vec model = loaded;
        if (model != null) {
            model.close();
        }
    }
}
