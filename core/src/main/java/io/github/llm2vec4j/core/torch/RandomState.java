package io.github.llm2vec4j.core.torch;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A source of random numbers of its own, so that what is drawn depends on its seed alone and not on what other threads
 * draw. It belongs to the scope in which it is made.
 */
public final class RandomState {
    private static final int LANES = 4;
    private static final int LANE_BITS = 16;

    private final Scope scope = Scope.current();
    private final long seed;
    private final SplittableRandom bits;
    private @Nullable GeneratorOptional generator;
    private @Nullable GeneratorOptional deviceGenerator;

    private RandomState(long seed) {
        this.seed = seed;
        this.bits = new SplittableRandom(seed);
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

    /**
     * Draws {@code count} bytes that are 0 with the given probability (to 1 in 65,536) and 1 otherwise. Four are cut
     * from each 64 random bits, which is some times faster than the engine's own draw of one number for each.
     */
    byte[] keepMask(int count, double dropProbability) {
        byte[] mask = new byte[count];
        int threshold = (int) Math.round(dropProbability * (1 << LANE_BITS));
        int i = 0;
        while (i < count) {
            long word = bits.nextLong();
            for (int lane = 0; lane < LANES && i < count; lane++, i++) {
                mask[i] = (byte) ((threshold - 1 - (int) (word & 0xFFFF)) >>> 31);
                word >>>= LANE_BITS;
            }
        }
        return mask;
    }

    /** Draws on the CPU. */
    GeneratorOptional optional() {
        if (generator == null) {
            generator = held(torch.make_generator_cpu(seed));
        }
        return generator;
    }

    /** Draws on the device, where numbers are other ones than on the CPU. */
    GeneratorOptional onDevice() {
        if (deviceGenerator == null) {
            Generator own = torch.globalContext()
                    .defaultGenerator(Device.current().pointer())
                    .clone();
            own.set_current_seed(seed);
            deviceGenerator = held(own);
        }
        return deviceGenerator;
    }

    private GeneratorOptional held(Generator made) {
        GeneratorOptional result = new GeneratorOptional(made);
        scope.hold(result);
        return result;
    }
}
