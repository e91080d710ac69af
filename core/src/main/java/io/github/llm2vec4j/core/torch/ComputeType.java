package io.github.llm2vec4j.core.torch;

import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the type in which matrix products are fastest on this host. bf16 is some four times faster than fp32 on a
 * CPU with AVX512-BF16 or AMX and some eight times slower on one without, so it is measured, not assumed.
 */
public final class ComputeType {
    private static volatile @Nullable DType fastest;

    private ComputeType() {}

    /**
     * The type named by {@code auto}, {@code fp32} or {@code bf16} (or their PyTorch names); {@code auto} probes this
     * host once.
     *
     * @throws IllegalArgumentException if the name is none of these
     */
    public static DType of(String name) {
        if (name.equals("auto")) {
            return fastest();
        }
        try {
            return DType.ofTorchName(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("compute type: expected auto, fp32 or bf16, found '" + name + "'", e);
        }
    }

    /** The faster of bf16 and fp32 on this host, measured once in a few milliseconds; on a GPU always bf16. */
    public static DType fastest() {
        if (Device.current() == Device.CUDA) {
            return DType.BF16;
        }
        DType known = fastest;
        if (known == null) {
            known = seconds(DType.BF16) < 0.8 * seconds(DType.F32) ? DType.BF16 : DType.F32;
            fastest = known;
        }
        return known;
    }

    /** The version of libtorch that computes. */
    public static String engineVersion() {
        String version = torch.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /** The median time of a product of 128 × 1024 by 1024 × 1024. */
    private static double seconds(DType type) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Tensor x = Tensor.full(type, 0.5, 128, 1024);
            Tensor weight = Tensor.full(type, 0.5, 1024, 1024);
            return Timing.median(() -> x.linear(weight, null));
        }
    }
}
