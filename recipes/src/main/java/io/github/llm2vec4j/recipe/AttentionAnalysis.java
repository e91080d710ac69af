package io.github.llm2vec4j.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import io.github.llm2vec4j.core.encoder.Instruction;
import io.github.llm2vec4j.core.encoder.Llm2Vec;
import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.encoder.TextSpan;
import io.github.llm2vec4j.evaluation.metric.Bootstrap;
import io.github.llm2vec4j.evaluation.metric.Statistic;
import io.github.llm2vec4j.evaluation.report.HeatMap;
import io.github.llm2vec4j.evaluation.report.PrefixScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What attention to later tokens does to a token's state, layer by layer (LLM2Vec section 4: why bidirectional attention
 * works without training for some models, and what models learn of the tokens that come later).
 */
final class AttentionAnalysis {
    /** Goes up when the same model and texts give other figures. */
    private static final int VERSION = 1;

    private static final JsonMapper JSON = new JsonMapper();

    /** Texts whose states are held at once. */
    private static final int BLOCK = 16;

    private static final int POSITIONS_SHOWN = 40;

    /** Cosines that differ by less differ in rounding. */
    private static final double SAME = 1e-6;

    private AttentionAnalysis() {}

    /**
     * All that is looked at in a model.
     *
     * @param attention causal against bidirectional
     * @param beginnings null where there are no triples
     */
    record Result(HeatMap attention, @Nullable Beginnings beginnings) {}

    /** What a file of the cache holds, or what is then computed and kept there. */
    static Result kept(Path cache, AblationVariant variant, List<String> texts, List<PrefixTriple> triples)
            throws IOException {
        String key = Sha256.ofText(VERSION + variant.name() + texts + triples);
        Path file = cache.resolve("analysis-" + key.substring(0, 24) + ".json");
        if (Files.isRegularFile(file)) {
            try {
                return JSON.readValue(file.toFile(), Result.class);
            } catch (JsonProcessingException e) {
                // Damaged: it is written anew.
            }
        }
        Result result = of(variant, texts, triples);
        Files.createDirectories(cache);
        AtomicFiles.writeString(file, JSON.writeValueAsString(result));
        return result;
    }

    private static Result of(AblationVariant variant, List<String> texts, List<PrefixTriple> triples) {
        try (Llm2Vec causal = variant.loadExact(true);
                Llm2Vec bidirectional = variant.loadExact(false)) {
            return new Result(
                    attention(variant.name(), causal, bidirectional, texts),
                    triples.isEmpty() ? null : beginnings(variant.name(), bidirectional, triples));
        }
    }

    /** Cosines of two vectors, summed by layer and position. */
    private static final class Sums {
        private final double[][] sums; // layers, positions
        private final int[] counts; // texts with a token at the position

        Sums(int layers) {
            sums = new double[layers][POSITIONS_SHOWN];
            counts = new int[POSITIONS_SHOWN];
        }

        /** Adds the cosines of a[i] with b[i], states of one layer, from token {@code from} on. */
        void add(int layer, float[][] a, float[][] b, int from, int to) {
            for (int t = from; t < Math.min(to, from + POSITIONS_SHOWN); t++) {
                sums[layer][t - from] += cosine(a[t], b[t]);
                counts[t - from] += layer == 0 ? 1 : 0;
            }
        }

        /** Means over the texts, at the positions that at least a quarter of them have. */
        HeatMap map(String title, List<Integer> layers) {
            int positions = (int) IntStream.range(0, POSITIONS_SHOWN)
                    .filter(p -> counts[p] > 0 && 4 * counts[p] >= counts[0])
                    .count();
            List<List<Double>> rows = new ArrayList<>();
            for (double[] row : sums) {
                rows.add(IntStream.range(0, positions)
                        .mapToObj(p -> row[p] / counts[p])
                        .toList());
            }
            return new HeatMap(title, counts[0], layers, rows);
        }
    }

    /**
     * The cosine of each token's state under causal with that under bidirectional attention, at each layer from 1 on.
     *
     * @param causal the model, read causally
     * @param bidirectional the same model, read bidirectionally
     */
    static HeatMap attention(String title, Llm2Vec causal, Llm2Vec bidirectional, List<String> texts) {
        List<Integer> layers = layers(causal);
        Sums sums = new Sums(layers.size());
        for (int from = 0; from < texts.size(); from += BLOCK) {
            List<PreparedText> block =
                    causal.prepare(Instruction.NONE, texts.subList(from, Math.min(texts.size(), from + BLOCK)));
            float[][][][] before = causal.tokenStates(block, layers);
            float[][][][] after = bidirectional.tokenStates(block, layers);
            for (int l = 0; l < layers.size(); l++) {
                for (int t = 0; t < block.size(); t++) {
                    sums.add(l, before[l][t], after[l][t], 0, before[l][t].length);
                }
            }
        }
        return sums.map(title, layers);
    }

    /**
     * What a model's representation of a beginning says of how the text goes on.
     *
     * @param moved cosines of the beginning's tokens before the query's end with those before the other end
     * @param scores by the mean of the beginning's tokens
     */
    record Beginnings(HeatMap moved, PrefixScores scores) {}

    static Beginnings beginnings(String title, Llm2Vec model, List<PrefixTriple> triples) {
        List<Integer> layers = layers(model);
        Sums sums = new Sums(layers.size());
        double[][][] cosines = new double[layers.size()][triples.size()][]; // with the paraphrase, with the other
        for (int i = 0; i < triples.size(); i++) {
            PrefixTriple triple = triples.get(i);
            TextSpan prefix = new TextSpan(0, triple.prefix().stripTrailing().length());
            List<PreparedText> texts = triple.texts().stream()
                    .map(text -> model.prepare(Instruction.NONE, text, prefix))
                    .toList();
            float[][][][] states = model.tokenStates(texts, layers);
            int from = texts.get(0).poolFrom();
            int to = texts.stream().mapToInt(PreparedText::poolTo).min().orElse(from);
            for (int l = 0; l < layers.size(); l++) {
                float[][][] of = states[l];
                sums.add(l, of[0], of[2], from, to);
                double[][] means = IntStream.range(0, of.length)
                        .mapToObj(t -> mean(of[t], from, to))
                        .toArray(double[][]::new);
                cosines[l][i] = new double[] {cosine(means[0], means[1]), cosine(means[0], means[2])};
            }
        }
        return new Beginnings(sums.map(title, layers), scores(title, layers, cosines));
    }

    private static PrefixScores scores(String title, List<Integer> layers, double[][][] cosines) {
        List<PrefixScores.AtLayer> rows = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            double[][] of = cosines[l];
            double paraphrase = 0;
            double other = 0;
            double right = 0;
            double[][] gaps = new double[of.length][];
            for (int i = 0; i < of.length; i++) {
                double gap = of[i][0] - of[i][1];
                paraphrase += of[i][0] / of.length;
                other += of[i][1] / of.length;
                right += Math.abs(gap) < SAME ? 0.5 : gap > 0 ? 1 : 0;
                gaps[i] = new double[] {gap, 1};
            }
            rows.add(new PrefixScores.AtLayer(
                    layers.get(l),
                    paraphrase,
                    other,
                    Bootstrap.STANDARD.interval(Statistic.RATIO, gaps),
                    right / of.length));
        }
        return new PrefixScores(title, cosines[0].length, rows);
    }

    private static List<Integer> layers(Llm2Vec model) {
        return IntStream.rangeClosed(1, model.decoder().config().layers())
                .boxed()
                .toList();
    }

    private static double[] mean(float[][] states, int from, int to) {
        double[] mean = new double[states[0].length];
        for (int t = from; t < to; t++) {
            for (int j = 0; j < mean.length; j++) {
                mean[j] += states[t][j] / (to - from);
            }
        }
        return mean;
    }

    private static double cosine(float[] a, float[] b) {
        return cosine(mean(new float[][] {a}, 0, 1), mean(new float[][] {b}, 0, 1));
    }

    private static double cosine(double[] a, double[] b) {
        double dot = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int j = 0; j < a.length; j++) {
            dot += a[j] * b[j];
            squaresA += a[j] * a[j];
            squaresB += b[j] * b[j];
        }
        double length = Math.sqrt(squaresA * squaresB);
        return length == 0 ? 0 : dot / length;
    }
}
