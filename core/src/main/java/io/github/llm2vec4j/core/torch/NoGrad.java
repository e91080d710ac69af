package io.github.llm2vec4j.core.torch;

import org.bytedeco.pytorch.AutoGradMode;
import org.jspecify.annotations.Nullable;

/** Switches the recording of gradients off on this thread until it is closed. */
public final class NoGrad implements AutoCloseable {
    private static final ThreadLocal<@Nullable NoGrad> CURRENT = new ThreadLocal<>();

    private final @Nullable NoGrad outer;
    private final AutoGradMode mode;

    private NoGrad(boolean record) {
        Scope.current();
        outer = CURRENT.get();
        CURRENT.set(this);
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
        if (CURRENT.get() != this) {
            throw new IllegalStateException("a region is closed once, by the thread that entered it, innermost first");
        }
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        mode.deallocate();
    }
}
