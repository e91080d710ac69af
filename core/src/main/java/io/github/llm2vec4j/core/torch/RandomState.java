package io.github.llm2vec4j.core.torch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
    private static final long EACH_LANE = 0x0001_0001_0001_0001L;
    private static final long LOW_BITS = 0x7FFF * EACH_LANE;
    private static final long LANE_TOP = 1 << 15;
    private static final long ONE_IN_BF16 = 0x3F80;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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

    /** Draws {@code count} bytes that are 0 with the given probability (to 1 in 32,768) and 1 otherwise. */
    byte[] keepMask(int count, double dropProbability) {
        byte[] mask = new byte[count];
        long offset = offset(dropProbability);
        int i = 0;
        for (; i + LANES <= count; i += LANES) {
            long kept = kept(offset);
            long pairs = kept | kept >>> 8;
            INTS.set(mask, i, (int) (pairs & 0xFFFF | pairs >>> 16 & 0xFFFF0000L));
        }
        for (long kept = kept(offset); i < count; i++, kept >>>= LANE_BITS) {
            mask[i] = (byte) (kept & 1);
        }
        return mask;
    }

    /** The same draws as numbers in bf16, which takes two bytes for each. */
    byte[] keepMaskInBf16(int count, double dropProbability) {
        byte[] mask = new byte[2 * count];
        long offset = offset(dropProbability);
        int i = 0;
        for (; i + LANES <= count; i += LANES) {
            LONGS.set(mask, 2 * i, kept(offset) * ONE_IN_BF16);
        }
        for (long kept = kept(offset); i < count; i++, kept >>>= LANE_BITS) {
            mask[2 * i] = (byte) ((kept & 1) * ONE_IN_BF16);
            mask[2 * i + 1] = (byte) ((kept & 1) * ONE_IN_BF16 >>> 8);
        }
        return mask;
    }

    /** What takes 15 random bits to the 16th where they are not below a share of them, in each lane. */
    private static long offset(double share) {
        return (LANE_TOP - Math.round(share * LANE_TOP)) * EACH_LANE;
    }

    /** Four lanes of a bit each from 64 random bits, which is many times faster than a draw for each. */
    private long kept(long offset) {
        return (bits.nextLong() & LOW_BITS) + offset >>> 15 & EACH_LANE;
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
