package io.github.llm2vec4j.core.torch;

import java.nio.file.Path;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where tensors lie and are computed: the CPU, or a GPU of NVIDIA. A process has one device, chosen before its first
 * tensor. What is made from numbers of the heap goes there, what is read comes back; a mapped file stays in the memory
 * of the host, and its tensors go over where their type is asked for ({@link Tensor#to}).
 *
 * <p>Unless {@link #use} is called it is that of the system property {@code llm2vec4j.device}, or the CPU. Which of
 * several GPUs it is, {@code CUDA_VISIBLE_DEVICES} says. See {@code docs/gpu.md}.
 */
public enum Device {
    CPU,
    CUDA;

    private static volatile @Nullable Device chosen;

    /** The device of this process. */
    public static Device current() {
        Device known = chosen;
        return known == null ? use(System.getProperty("llm2vec4j.device", "cpu")) : known;
    }

    /**
     * Chooses the device of this process.
     *
     * @param name {@code cpu}, {@code cuda}, or {@code auto}: a GPU where one can be used
     * @throws IllegalArgumentException if the name is none of these, there is no GPU that can be used, or the folder in
     *     {@code LLM2VEC_TORCH_LIB} is not one
     * @throws IllegalStateException if there are tensors on another device already
     */
    public static synchronized Device use(String name) {
        InstalledLibraries.folder();
        Device device = switch (name) {
            case "cpu" -> CPU;
            case "cuda" -> CUDA;
            case "auto" -> whyNotCuda() == null ? CUDA : CPU;
            default -> throw new IllegalArgumentException("device: expected cpu, cuda or auto, found '" + name + "'");
        };
        String reason = device == CUDA ? whyNotCuda() : null;
        if (reason != null) {
            throw new IllegalArgumentException("device cuda: " + reason);
        }
        if (chosen != null && chosen != device && Tensor.liveCount() > 0) {
            throw new IllegalStateException("device " + name + ": there are tensors on another device already");
        }
        chosen = device;
        return device;
    }

    /** What is missing for a GPU to be used, or null where one can be. */
    public static @Nullable String whyNotCuda() {
        Path installed = InstalledLibraries.folder();
        if (installed == null && !InstalledLibraries.bundledWithCuda()) {
            String version = InstalledLibraries.version();
            return "the libraries at hand compute on the CPU alone; install PyTorch " + version
                    + " (pip install torch==" + version + ") and set " + InstalledLibraries.VARIABLE
                    + " to its folder torch/lib";
        }
        try {
            Engine.ensureReady();
        } catch (UnsatisfiedLinkError e) {
            String cause = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            return "the libraries with CUDA do not load: " + cause;
        }
        return torch.cuda_is_available() ? null : "no GPU was found; nvidia-smi tells whether its driver works";
    }

    /** Waits until all that was asked of the device is computed; on the CPU it always is. */
    public static void synchronize() {
        if (current() == CUDA) {
            torch.cuda_synchronize();
        }
    }

    /** The engine's name of it, in the open scope. */
    org.bytedeco.pytorch.Device pointer() {
        return new org.bytedeco.pytorch.Device(this == CUDA ? torch.DeviceType.CUDA : torch.DeviceType.CPU);
    }

    DeviceOptional optional() {
        return new DeviceOptional(pointer());
    }
}
