package io.github.llm2vec4j.core.golden;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.llm2vec4j.core.torch.Device;

/** For tests that need a GPU: the one place that says whether there is one. */
public final class Gpu {
    private Gpu() {}

    /** Has the test count as skipped, with the reason, where no GPU can be used. */
    public static void assume() {
        String missing = Device.whyNotCuda();
        assumeTrue(missing == null, "needs a GPU: " + missing);
    }
}
