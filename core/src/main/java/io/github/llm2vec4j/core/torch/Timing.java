package io.github.llm2vec4j.core.torch;

import java.util.Arrays;

/** Times small computations, by which a way of computing is chosen for this host. */
final class Timing {
    private static final int RUNS = 5;

    private Timing() {}

    /** The median of a few runs, in seconds. */
    static double median(Runnable computation) {
        double[] times = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            try (Scope scope = Scope.open()) {
                computation.run();
            }
            times[i] = (System.nanoTime() - start) * 1e-9;
        }
        Arrays.sort(times);
        return times[RUNS / 2];
    }
}
