package io.github.llm2vec4j.core.torch;

import org.bytedeco.pytorch.AutoGradMode;

/** Switches the recording of gradients off on this thread until it is closed. */
public final class NoGrad implements AutoCloseable {
    private final AutoGradMode mode;

    private NoGrad(boolean record) {
        Scope.current();
        mode = new AutoGradMode(record);
        mode.retainReference();
    }

    public static NoGrad enter() {
        return new NoGrad(false);
    }

    /** Switches the recording on again inside a region where it is off. */
    public static NoGrad exit() {
        return new NoGrad(true);
    }

    @Override
    public void close() {
        mode.deallocate();
    }
}
