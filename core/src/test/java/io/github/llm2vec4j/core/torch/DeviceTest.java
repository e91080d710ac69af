package io.github.llm2vec4j.core.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.llm2vec4j.core.golden.ChildJvm;
import io.github.llm2vec4j.core.golden.Gpu;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where tensors are computed, and what is said where they cannot be. */
class DeviceTest {
    @TempDir
    Path folder;

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Device.use("tpu"))
                .withMessage("device: expected cpu, cuda or auto, found 'tpu'");
    }

    @Test
    void withoutAGpuAutoIsTheCpuAndCudaSaysWhatIsMissing() throws Exception {
        assumeTrue(Device.whyNotCuda() != null, "needs a machine where no GPU can be used");
        assertThat(device("auto", Map.of())).contains("device: CPU");
        assertThat(device("cuda", Map.of())).contains("device cuda: " + Device.whyNotCuda());
    }

    @Test
    void aFolderWithoutLibrariesIsRefused() throws Exception {
        assertThat(device("cpu", Map.of(InstalledLibraries.VARIABLE, folder.toString())))
                .contains("LLM2VEC_TORCH_LIB=" + folder + ": has no " + System.mapLibraryName("torch_cpu")
                        + "; expected the folder torch/lib of an installed PyTorch");
    }

    @Test
    void librariesOfAnotherVersionAreRefused() throws Exception {
        Path libraries = Files.createDirectories(folder.resolve("torch/lib"));
        Files.createFile(libraries.resolve(System.mapLibraryName("torch_cpu")));
        Files.writeString(folder.resolve("torch/version.py"), "x = 1\n__version__ = '1.2.3+cu128'\ndebug = False\n");

        assertThat(device("cpu", Map.of(InstalledLibraries.VARIABLE, libraries.toString())))
                .contains(": is of PyTorch 1.2.3+cu128, expected " + InstalledLibraries.version());
    }

    @Test
    void onAGpuOperationsAgreeWithThoseOfTheCpu() throws Exception {
        Gpu.assume();
        assertThat(device("cuda", Map.of())).contains("device: CUDA");
        float[] cpu = values(device("cpu", Map.of()));
        float[] gpu = values(device("cuda", Map.of()));
        assertThat(gpu).hasSameSizeAs(cpu);
        for (int i = 0; i < cpu.length; i++) {
            assertThat(gpu[i]).isCloseTo(cpu[i], org.assertj.core.data.Offset.offset(2e-3f));
        }
    }

    private static String device(String name, Map<String, String> variables) throws Exception {
        return ChildJvm.run(List.of(), variables, DeviceUse.class, name).output();
    }

    private static float[] values(String output) {
        List<String> numbers = output.lines()
                .filter(line -> line.startsWith("value: "))
                .map(line -> line.substring("value: ".length()))
                .toList();
        assertThat(numbers).isNotEmpty();
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(numbers.get(i));
        }
        return values;
    }
}
