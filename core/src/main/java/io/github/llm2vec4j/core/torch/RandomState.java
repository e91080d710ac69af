package io.github.llm2vec4j.core.torch;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A source of random numbers of its own, so that what is drawn depends on its seed alone and not on what other threads
 * draw. It belongs to the scope in which it is made.
 */
public final class RandomState {
    private final GeneratorOptional generator;

    private RandomState(long seed) {
        Scope.current();
        Generator made = torch.make_generator_cpu(seed);
        generator = new GeneratorOptional(made);
    }

    /** A generator that starts at {@code seed}. */
    public static RandomState seeded(long seed) {
        return new RandomState(seed);
    }

    /** A seed that is a function of all the parts, well mixed: (seed, step, row, layer) for instance. */
    public static long mix(long... parts) {
        long hash = 0x9E3779B97F4A7C15L;
        for (long part : parts) {
            hash ^= part;
            hash = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
            hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
            hash ^= hash >>> 31;
        }
        return hash & Long.MAX_VALUE;
    }

    GeneratorOptional optional() {
        return generator;
    }
}
