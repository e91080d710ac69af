package io.github.llm2vec4j.recipe;

import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.Pooling;
import io.github.llm2vec4j.core.encoder.WordStates;
import io.github.llm2vec4j.evaluation.TextEncoder;
import io.github.llm2vec4j.evaluation.WordEncoder;
import io.github.llm2vec4j.evaluation.cache.VectorCache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One model read at several layers with several poolings. A text that one of them asks for is run through the model once
 * and its vectors of all of them are kept; the model is loaded when the first vector is missing.
 */
final class GridEncoder implements AutoCloseable {
    /** Numbers held at once, as states of tokens: 128 MB. */
    private static final long STATES_HELD = 1L << 25;

    private static final int TOKENS_OF_A_TEXT = 40;

    private final Supplier<Llm2Vec> load;
    private final List<Integer> layers;
    private final List<Pooling> poolings;
    private final WordStates.Position words;
    private final Path folder;
    private @Nullable VectorCache opened;
    private @Nullable Llm2Vec loaded;

    /**
     * @param words where a word's state is read
     * @param folder holds vectors of this model, read so, alone
     */
    GridEncoder(
            Supplier<Llm2Vec> load,
            List<Integer> layers,
            List<Pooling> poolings,
            WordStates.Position words,
            Path folder) {
        this.load = load;
        this.layers = List.copyOf(layers);
        this.poolings = List.copyOf(poolings);
        this.words = words;
        this.folder = folder;
    }

    /** The vectors of texts at one of the layers with one of the poolings. */
    TextEncoder texts(String name, int layer, Pooling pooling) {
        return new TextEncoder() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public float[][] encode(@Nullable String instruction, List<String> texts) {
                return vectors(
                                texts,
                                text -> key(layer, pooling, instruction, text),
                                missing -> computeTexts(instruction, missing))
                        .stream()
                        .map(rows -> rows[0])
                        .toArray(float[][]::new);
            }
        };
    }

    /** The vectors of words at one of the layers. */
    WordEncoder words(String name, int layer) {
        return new WordEncoder() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public float[][][] encodeWords(List<List<String>> sentences) {
                return vectors(sentences, sentence -> key(layer, sentence), GridEncoder.this::computeWords)
                        .toArray(float[][][]::new);
            }
        };
    }

    private static String key(int layer, Pooling pooling, @Nullable String instruction, String text) {
        return "text\0" + layer + "\0" + pooling + "\0" + (instruction == null ? "" : instruction) + "\0" + text;
    }

    private static String key(int layer, List<String> sentence) {
        return "words\0" + layer + "\0" + String.join("\0", sentence);
    }

    /** What the cache holds for each item, after all that it does not hold was computed. */
    private <T> List<float[][]> vectors(List<T> items, Function<T, String> key, Compute<T> compute) {
        List<String> keys = items.stream().map(key).toList();
        List<float @Nullable [][]> found = cache().get(keys);
        Map<String, T> missing = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            if (found.get(i) == null) {
                missing.put(keys.get(i), items.get(i));
            }
        }
        if (!missing.isEmpty()) {
            List<T> all = List.copyOf(missing.values());
            int block = block();
            for (int from = 0; from < all.size(); from += block) {
                compute.compute(all.subList(from, Math.min(all.size(), from + block)));
            }
            found = cache().get(keys);
        }
        return found.stream().<float[][]>map(Objects::requireNonNull).toList();
    }

    private interface Compute<T> {
        void compute(List<T> items);
    }

    private int block() {
        long ofAText = (long) layers.size() * model().dimensions() * TOKENS_OF_A_TEXT;
        return Math.toIntExact(Math.max(1, STATES_HELD / ofAText));
    }

    private void computeTexts(@Nullable String instruction, List<String> texts) {
        float[][][][] vectors = model().encodeLayers(
                        instruction == null ? Instruction.NONE : Instruction.of(instruction), texts, layers, poolings);
        List<String> keys = new ArrayList<>();
        List<float[][]> values = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            for (int p = 0; p < poolings.size(); p++) {
                for (int t = 0; t < texts.size(); t++) {
                    keys.add(key(layers.get(l), poolings.get(p), instruction, texts.get(t)));
                    values.add(new float[][] {vectors[l][p][t]});
                }
            }
        }
        cache().put(keys, values);
    }

    private void computeWords(List<List<String>> sentences) {
        float[][][][] states = new WordStates(model(), words).encode(sentences, layers);
        List<String> keys = new ArrayList<>();
        List<float[][]> values = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            for (int s = 0; s < sentences.size(); s++) {
                keys.add(key(layers.get(l), sentences.get(s)));
                values.add(states[l][s]);
            }
        }
        cache().put(keys, values);
    }

    private VectorCache cache() {
        VectorCache cache = opened;
        if (cache == null) {
            cache = VectorCache.open(folder);
            opened = cache;
        }
        return cache;
    }

    private Llm2Vec model() {
        Llm2Vec model = loaded;
        if (model == null) {
            model = load.get();
            loaded = model;
        }
        return model;
    }

    @Override
    public void close() {
        Llm2Vec model = loaded;
        if (model != null) {
            model.close();
        }
    }
}
