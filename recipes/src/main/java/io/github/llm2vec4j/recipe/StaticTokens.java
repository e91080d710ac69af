package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.tokenizer.Tokens;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A baseline: the mean of the input embeddings of a text's tokens, which know nothing of their context. What a model adds
 * to its vocabulary is the distance to this. Instructions are ignored; a text without tokens is all zeros.
 */
record StaticTokens(String name, Llm2Vec model) implements TextEncoder, WordEncoder {

    @Override
    public float[][] encode(@Nullable String instruction, List<String> texts) {
        return texts.stream()
                .map(text -> mean(model.tokenizer().encode(text, false).ids()))
                .toArray(float[][]::new);
    }

    @Override
    public float[][][] encodeWords(List<List<String>> sentences) {
        return sentences.stream().map(this::words).toArray(float[][][]::new);
    }

    /** A word's tokens are those that cover a character of it in the sentence. */
    private float[][] words(List<String> words) {
        Tokens tokens = model.tokenizer().encode(String.join(" ", words), false);
        List<float[]> vectors = new ArrayList<>();
        int start = 0;
        for (String word : words) {
            int end = start + word.length();
            int from = start;
            int[] own = java.util.stream.IntStream.range(0, tokens.length())
                    .filter(t -> tokens.ends()[t] > from && tokens.starts()[t] < end)
                    .map(t -> tokens.ids()[t])
                    .toArray();
            vectors.add(mean(own));
            start = end + 1;
        }
        return vectors.toArray(float[][]::new);
    }

    private float[] mean(int[] ids) {
        if (ids.length == 0) {
            return new float[model.dimensions()];
        }
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            long[] rows = Arrays.stream(ids).asLongStream().toArray();
            Tensor vectors = model.decoder()
                    .embedding()
                    .value()
                    .indexSelect(0, Tensor.of(rows, rows.length))
                    .to(DType.F32);
            return vectors.sum(0).mul(1.0 / ids.length).toFloats();
        }
    }
}
