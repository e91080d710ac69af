package io.github.llm2vec4j.recipe;

import com.sun.management.OperatingSystemMXBean;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Device;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A machine to plan for.
 *
 * @param memory bytes of it
 * @param workers that compute side by side
 * @param microBatch rows that a worker should hold at once if they fit, or 0 for as many as are usual
 * @param forms in which weights may be held, the fastest first
 * @param figure where the speed comes from
 */
public record Machine(String name, long memory, int workers, int microBatch, List<WeightForm> forms, String figure) {
    private static final long GB = 1_000_000_000;

    /** What the system and the Java heap need beside a run. */
    private static final long RESERVED = 2 * GB;

    /**
     * Speed on one A100 of 80 GB: MNTP of a model of 7 billion parameters took 100 minutes for 1,000 steps of 32 rows of 512
     * tokens, in three passes.
     */
    static final double A100 = 117e12;

    /** Of its peak in bf16, 312 TFLOP/s, the share that a GPU of 24 GB has, an RTX 3090 with 71 TFLOP/s. */
    private static final double SHARE_OF_24_GB = 71.0 / 312;

    private static final String PUBLISHED = "the published 100 minutes for MNTP of 7B on one A100 (arXiv 2404.05961)";

    private static final String NOT_MEASURED = "no measurement";

    public Machine {
        forms = List.copyOf(forms);
    }

    /**
     * How weights are held and computed in.
     *
     * @param type that is computed in
     * @param eightBit whether the frozen weights of linear layers are held as int8, and else as they are computed in
     * @param flops multiplications and additions a second; 0 where they are not known
     */
    public record WeightForm(DType type, boolean eightBit, double flops) {
        /** Weights held in the type in which they are computed. */
        public static WeightForm of(DType type, double flops) {
            return new WeightForm(type, false, flops);
        }

        WeightForm inEightBit() {
            return new WeightForm(type, true, flops);
        }
    }

    /** The memory sizes that a recipe is planned for; the speeds of the CPU are this machine's. */
    public static List<Machine> standard(WeightForm fastest, WeightForm bfloat16, String figure) {
        return List.of(
                cpu("CPU, 16 GB", 16 * GB, fastest, bfloat16, figure),
                cpu("CPU, 24 GB", 24 * GB, fastest, bfloat16, figure),
                gpu("GPU, 24 GB", 24 * GB, SHARE_OF_24_GB * A100, PUBLISHED + ", times 71/312 for an RTX 3090's peak"),
                gpu("GPU, 80 GB", 80 * GB, A100, PUBLISHED));
    }

    /** The memory sizes that a recipe is planned for, or one that was given, of the device of this process. */
    public static List<Machine> standard(
            @Nullable Double gigabytes, WeightForm fastest, WeightForm bfloat16, String figure) {
        if (gigabytes == null) {
            return standard(fastest, bfloat16, figure);
        }
        String name = String.format(Locale.ROOT, "%s, %.0f GB", onGpu() ? "GPU" : "CPU", gigabytes);
        long memory = Math.round(gigabytes * GB);
        return List.of(onGpu() ? gpu(name, memory, 0, NOT_MEASURED) : cpu(name, memory, fastest, bfloat16, figure));
    }

    /**
     * This machine, whose speed is not known.
     *
     * @param gigabytes to plan for, or null for all that it has; a GPU is taken to have 24
     */
    public static Machine host(@Nullable Double gigabytes) {
        if (onGpu()) {
            return gpu("this GPU", gigabytes == null ? 24 * GB : Math.round(gigabytes * GB), 0, NOT_MEASURED);
        }
        long there = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        return cpu(
                "this machine",
                gigabytes == null ? there : Math.round(gigabytes * GB),
                WeightForm.of(ComputeType.fastest(), 0),
                WeightForm.of(DType.BF16, 0),
                NOT_MEASURED);
    }

    private static boolean onGpu() {
        return Device.current() == Device.CUDA;
    }

    private static Machine cpu(String name, long memory, WeightForm fastest, WeightForm bfloat16, String figure) {
        List<WeightForm> forms = Stream.of(fastest, bfloat16, fastest.inEightBit(), bfloat16.inEightBit())
                .distinct()
                .toList();
        return new Machine(name, memory, Runtime.getRuntime().availableProcessors(), 0, forms, figure);
    }

    private static Machine gpu(String name, long memory, double flops, String figure) {
        return new Machine(name, memory, 1, 64, List.of(WeightForm.of(DType.BF16, flops)), figure);
    }

    /** Bytes that a run may take. */
    long usable() {
        return memory - RESERVED;
    }
}
