package io.github.llm2vec4j.evaluation.probe;

import java.util.ArrayDeque;
import java.util.Iterator;

/** Limited-memory BFGS for smooth convex functions, with a backtracking line search. */
final class Lbfgs {
    private static final int MEMORY = 10;

    private Lbfgs() {}

    /** A function of double[n] that also writes its gradient. */
    @FunctionalInterface
    interface Objective {
        double at(double[] point, double[] gradient);
    }

    private record Step(double[] move, double[] change, double rho) {}

    /**
     * Goes down from {@code point}, which it changes, until no component of the gradient is above {@code tolerance}, no
     * step goes further down, or {@code maxIterations} are done.
     */
    static void minimise(Objective objective, double[] point, double tolerance, int maxIterations) {
        int n = point.length;
        double[] gradient = new double[n];
        double value = objective.at(point, gradient);
        ArrayDeque<Step> steps = new ArrayDeque<>();
        for (int iteration = 0; iteration < maxIterations && largest(gradient) > tolerance; iteration++) {
            double[] direction = direction(gradient, steps);
            double slope = dot(direction, gradient);
            double[] next = new double[n];
            double[] nextGradient = new double[n];
            double length = steps.isEmpty() ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))) : 1;
            double nextValue = Double.POSITIVE_INFINITY;
            for (int halving = 0; halving < 40; halving++, length /= 2) {
                for (int i = 0; i < n; i++) {
                    next[i] = point[i] + length * direction[i];
                }
                nextValue = objective.at(next, nextGradient);
                if (nextValue <= value + 1e-4 * length * slope) {
                    break;
                }
            }
            if (!(nextValue < value)) {
                return;
            }
            double[] move = new double[n];
            double[] change = new double[n];
            for (int i = 0; i < n; i++) {
                move[i] = next[i] - point[i];
                change[i] = nextGradient[i] - gradient[i];
            }
            double curvature = dot(move, change);
            if (curvature > 1e-12 * dot(change, change)) {
                steps.addLast(new Step(move, change, 1 / curvature));
                if (steps.size() > MEMORY) {
                    steps.removeFirst();
                }
            }
            System.arraycopy(next, 0, point, 0, n);
            gradient = nextGradient;
            value = nextValue;
        }
    }

    /** Minus the gradient times the inverse curvature seen in the last steps (the two-loop recursion). */
    private static double[] direction(double[] gradient, ArrayDeque<Step> steps) {
        double[] q = gradient.clone();
        double[] alphas = new double[steps.size()];
        int k = steps.size();
        for (Iterator<Step> it = steps.descendingIterator(); it.hasNext(); ) {
            Step step = it.next();
            alphas[--k] = step.rho() * dot(step.move(), q);
            add(q, step.change(), -alphas[k]);
        }
        if (!steps.isEmpty()) {
            Step last = steps.getLast();
            scale(q, 1 / (last.rho() * dot(last.change(), last.change())));
        }
        for (Step step : steps) {
            double beta = step.rho() * dot(step.change(), q);
            add(q, step.move(), alphas[k++] - beta);
        }
        scale(q, -1);
        return q;
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] target, double[] other, double factor) {
        for (int i = 0; i < target.length; i++) {
            target[i] += factor * other[i];
        }
    }

    private static void scale(double[] values, double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }
}
