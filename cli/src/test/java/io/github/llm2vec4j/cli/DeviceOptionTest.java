package io.github.llm2vec4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.llm2vec4j.core.golden.Gpu;
import io.github.llm2vec4j.core.torch.Device;
import io.github.llm2vec4j.recipe.TinyRecipe;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --device}, which every command takes. */
class DeviceOptionTest {
    @TempDir
    Path folder;

    @Test
    void aGpuThatIsNotThereIsOneLineWithWhatToInstall() throws Exception {
        assumeTrue(Device.whyNotCuda() != null, "needs a machine where no GPU can be used");
        Cli.runAlone("", "encode", "--device", "cuda", "--model", "embedded:hebrew-mini", "--out", folder + "/v.npy")
                .assertRefused("device cuda: " + Device.whyNotCuda() + " (see llm2vec encode --help)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anUnknownDeviceIsRefused() throws Exception {
        Cli.runAlone("", "bench", "products", "--device", "gpu", "--like", "dicta-il/dictalm2.0")
                .assertRefused("device: expected cpu, cuda or auto, found 'gpu' (see llm2vec bench products --help)");
    }

    @Test
    void aRecipeRunsOnAGpu() throws Exception {
        Gpu.assume();
        Path recipe = TinyRecipe.write(folder);
        Path out = folder.resolve("out");
        Cli.runAlone("", "recipe", recipe.toString(), "--out", out.toString(), "--device", "cuda")
                .assertDone();
        assertThat(out.resolve("report.json")).exists();
        assertThat(TinyRecipe.adapters(out)).isNotEmpty();
    }
}
