package io.github.llm2vec4j.evaluation.cache;

import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that looks for vectors in a cache before it computes them. It asks for each text once, however often the text
 * comes, and for nothing when all is there: an encoder that loads itself when first used then need not be loaded.
 */
public final class CachedEncoder implements TextEncoder, WordEncoder {
    /** Texts that are computed before they are written: what is lost when a run is killed. */
    private static final int BLOCK = 4096;

    private final String name;
    private final TextEncoder texts;
    private final WordEncoder words;
    private final VectorCache cache;

    /**
     * @param name the name shown in tables
     * @param cache holds vectors of this model alone
     */
    public CachedEncoder(String name, TextEncoder texts, WordEncoder words, VectorCache cache) {
        this.name = name;
        this.texts = texts;
        this.words = words;
        this.cache = cache;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public float[][] encode(@Nullable String instruction, List<String> asked) {
        List<String> keys = asked.stream()
                .map(text -> "text\0" + (instruction == null ? "" : instruction) + "\0" + text)
                .toList();
        List<float[][]> vectors = vectors(keys, asked, missing -> {
            List<float[][]> rows = new ArrayList<>();
            for (float[] vector : texts.encode(instruction, missing)) {
                rows.add(new float[][] {vector});
            }
            return rows;
        });
        return vectors.stream().map(rows -> rows[0]).toArray(float[][]::new);
    }

    @Override
    public float[][][] encodeWords(List<List<String>> sentences) {
        List<String> keys = sentences.stream()
                .map(sentence -> "words\0" + String.join("\0", sentence))
                .toList();
        return vectors(keys, sentences, missing -> List.of(words.encodeWords(missing)))
                .toArray(float[][][]::new);
    }

    private <T> List<float[][]> vectors(List<String> keys, List<T> asked, Function<List<T>, List<float[][]>> compute) {
        List<float @Nullable [][]> found = cache.get(keys);
        Map<String, float[][]> known = new LinkedHashMap<>();
        Map<String, T> missing = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            float[][] rows = found.get(i);
            if (rows == null) {
                missing.put(keys.get(i), asked.get(i));
            } else {
                known.put(keys.get(i), rows);
            }
        }
        List<String> missingKeys = List.copyOf(missing.keySet());
        for (int from = 0; from < missingKeys.size(); from += BLOCK) {
            List<String> block = missingKeys.subList(from, Math.min(missingKeys.size(), from + BLOCK));
            List<T> items = new ArrayList<>();
            for (String key : block) {
                items.add(java.util.Objects.requireNonNull(missing.get(key)));
            }
            List<float[][]> computed = compute.apply(items);
            if (computed.size() != block.size()) {
                throw new IllegalArgumentException(
                        "encoder " + name + ": expected " + block.size() + " vectors, found " + computed.size());
            }
            cache.put(block, computed);
            for (int i = 0; i < block.size(); i++) {
                known.put(block.get(i), computed.get(i));
            }
        }
        return keys.stream()
                .map(key -> java.util.Objects.requireNonNull(known.get(key)))
                .toList();
    }
}
