package io.github.llm2vec4j.training.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;

/** Gives out draws that were made elsewhere; more than there are is an error. */
final class GivenDraws implements RandomGenerator {
    private final Deque<Double> fractions = new ArrayDeque<>();
    private final Deque<Integer> tokens = new ArrayDeque<>();

    void add(double fraction) {
        fractions.add(fraction);
    }

    void addToken(int token) {
        tokens.add(token);
    }

    boolean isUsedUp() {
        return fractions.isEmpty() && tokens.isEmpty();
    }

    @Override
    public double nextDouble() {
        return fractions.remove();
    }

    @Override
    public int nextInt(int bound) {
        int token = tokens.remove();
        if (token >= bound) {
            throw new IllegalStateException("a draw of " + token + " where below " + bound + " is asked for");
        }
        return token;
    }

    @Override
    public long nextLong() {
        throw new UnsupportedOperationException("only fractions and tokens are given");
    }
}
