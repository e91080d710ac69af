package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.ResidentMemory;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Eight threads encode with one model, round after round, in a JVM of its own whose heap is touched from the start.
 * Prints what {@link SoakTest} reads. The first quarter of the time is for warming up.
 */
final class Soak {
    private static final int THREADS = 8;
    private static final int CALLS = 10;
    private static final Instruction INSTRUCTION = Instruction.of("Find texts that mean the same:");

    private final Llm2Vec model;
    private final List<String> texts;
    private final float[][] alone;

    private Soak(Llm2Vec model) {
        this.model = model;
        this.texts = texts();
        this.alone = texts.stream().map(text -> model.encode(INSTRUCTION, text)).toArray(float[][]::new);
    }

    public static void main(String[] arguments) throws Exception {
        long nanos = (long) (Double.parseDouble(arguments[1]) * 60e9);
        ExecutorService callers = Executors.newFixedThreadPool(THREADS);
        try (Llm2Vec model = Llm2Vec.builder(arguments[0]).dtype("float32").build()) {
            Soak soak = new Soak(model);
            long start = System.nanoTime();
            soak.rounds(callers, start + nanos / 4);
            long live = Tensor.liveCount();
            long resident = ResidentMemory.bytes();
            int rounds = soak.rounds(callers, start + nanos);
            System.out.println("vectors that differ: " + soak.wrong);
            System.out.println("calls: " + (long) rounds * THREADS * CALLS);
            System.out.println("more tensors: " + (Tensor.liveCount() - live));
            System.out.println("more megabytes: " + ((ResidentMemory.bytes() - resident) >> 20));
        } finally {
            callers.shutdown();
        }
    }

    private long wrong;

    /** Rounds of all threads until a time, at least one; between them no thread encodes. */
    private int rounds(ExecutorService callers, long end) throws Exception {
        int rounds = 0;
        do {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                long seed = (long) rounds * THREADS + thread;
                calls.add(() -> calls(new Random(seed)));
            }
            for (Future<Integer> result : callers.invokeAll(calls)) {
                wrong += result.get();
            }
            rounds++;
        } while (System.nanoTime() < end);
        return rounds;
    }

    /** The number of vectors that are not those of their texts. */
    private int calls(Random random) {
        int wrong = 0;
        for (int call = 0; call < CALLS; call++) {
            int[] chosen = random.ints(1 + random.nextInt(16), 0, texts.size()).toArray();
            List<String> batch = new ArrayList<>();
            for (int index : chosen) {
                batch.add(texts.get(index));
            }
            float[][] vectors = model.encode(INSTRUCTION, batch);
            for (int i = 0; i < chosen.length; i++) {
                wrong += Difference.cosine(vectors[i], alone[chosen[i]]) >= 0.999999 ? 0 : 1;
            }
        }
        return wrong;
    }

    /** Of no to some 400 tokens, in several scripts. */
    private static List<String> texts() {
        List<String> parts = List.of("שלום עולם ", "the river runs ", "1948 ", "😀", "הַיַּלְדָּה ", "\n", "x");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            texts.add(parts.get(i % parts.size()).repeat(i * i / 40));
        }
        return texts;
    }
}
