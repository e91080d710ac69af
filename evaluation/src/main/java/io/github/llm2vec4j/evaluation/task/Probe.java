package io.github.llm2vec4j.evaluation.task;

import io.github.llm2vec4j.evaluation.probe.Classifier;
import io.github.llm2vec4j.evaluation.probe.DenseRows;
import io.github.llm2vec4j.evaluation.probe.Perceptron;
import io.github.llm2vec4j.evaluation.probe.RandomForest;
import io.github.llm2vec4j.evaluation.probe.SoftmaxRegression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Classifiers that may be tried beside logistic regression; each depends on chance and is trained with several seeds. */
public enum Probe {
    /** {@link Perceptron}, three seeds. */
    MLP("mlp", 3) {
        @Override
        Classifier fit(DenseRows rows, List<String> labels, int run) {
            return Perceptron.fit(rows, labels, run);
        }
    },

    /** {@link RandomForest}, three seeds. */
    RANDOM_FOREST("random_forest", 3) {
        @Override
        Classifier fit(DenseRows rows, List<String> labels, int run) {
            return RandomForest.fit(rows, labels, run);
        }
    },

    /** MTEB's protocol: {@link SoftmaxRegression} on eight texts of each label, drawn ten times; C is 1. */
    FEW_SHOT("8_shot", 10) {
        @Override
        Classifier fit(DenseRows rows, List<String> labels, int run) {
            int[] drawn = draw(labels, run);
            return SoftmaxRegression.fit(
                    rows.select(drawn),
                    IntStream.of(drawn).mapToObj(labels::get).toList(),
                    1);
        }
    };

    private static final int SHOTS = 8;

    private final String prefix;
    private final int runs;

    Probe(String prefix, int runs) {
        this.prefix = prefix;
        this.runs = runs;
    }

    /** What stands before its metrics. */
    String prefix() {
        return prefix;
    }

    int runs() {
        return runs;
    }

    /** Numbers of eight items of each label, or all there are of it, drawn by chance. */
    static int[] draw(List<String> labels, int run) {
        List<Integer> order = new ArrayList<>();
        IntStream.range(0, labels.size()).forEach(order::add);
        Collections.shuffle(order, new Random(run));
        Map<String, Integer> taken = new HashMap<>();
        return order.stream()
                .filter(i -> taken.merge(labels.get(i), 1, Integer::sum) <= SHOTS)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    abstract Classifier fit(DenseRows rows, List<String> labels, int run);
}
