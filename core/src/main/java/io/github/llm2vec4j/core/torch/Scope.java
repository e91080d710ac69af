package io.github.llm2vec4j.core.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Owns native memory. The one rule: a tensor is born in the innermost open scope of its thread and dies with it,
 * unless {@link Tensor#keep()} takes it out; whoever keeps a tensor closes it.
 *
 * <p>A scope belongs to the thread that opened it and must be closed by it, innermost first, so open it in a
 * try-with-resources statement. See {@code docs/memory.md}.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final @Nullable Scope parent;
    private final Thread owner = Thread.currentThread();
    private final PointerScope pointers;
    private final List<Tensor> tensors = new ArrayList<>();

    private Scope() {
        Engine.ensureReady();
        parent = CURRENT.get();
        pointers = new PointerScope();
        CURRENT.set(this);
    }

    /** Opens a scope on this thread. */
    public static Scope open() {
        return new Scope();
    }

    /**
     * Runs a computation in a scope of its own: all of its tensors are freed but the result, which moves to the
     * scope that is open now.
     */
    public static Tensor compute(Supplier<Tensor> computation) {
        Scope outer = current();
        Scope inner = new Scope();
        Tensor result;
        boolean moves;
        try {
            result = computation.get();
            // A result from elsewhere, such as a kept parameter, stays with its owner.
            moves = result.scope() == inner;
            if (moves) {
                result.keep();
            }
        } finally {
            inner.close();
        }
        if (moves) {
            outer.adopt(result);
        }
        return result;
    }

    /** The innermost open scope of this thread. */
    static Scope current() {
        Scope scope = CURRENT.get();
        if (scope == null) {
            throw new IllegalStateException("no scope is open on thread '"
                    + Thread.currentThread().getName() + "': wrap the computation in try (Scope scope = Scope.open())");
        }
        return scope;
    }

    void register(Tensor tensor) {
        tensors.add(tensor);
    }

    /** Leaves a tensor of this scope to whoever keeps it, so that its memory goes when that one closes it. */
    void release(Tensor tensor) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("a tensor is kept by the thread whose scope it is in");
        }
        tensor.pointer().retainReference();
        pointers.detach(tensor.pointer());
    }

    /** Has a native object of an inner scope live as long as this one. */
    void hold(Pointer pointer) {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("a source of random numbers is used by the thread that made it");
        }
        pointers.attach(pointer);
    }

    private void adopt(Tensor tensor) {
        pointers.attach(tensor.pointer());
        tensor.pointer().releaseReference();
        tensor.moveTo(this);
        tensors.add(tensor);
    }

    @Override
    public void close() {
        if (Thread.currentThread() != owner || CURRENT.get() != this) {
            throw new IllegalStateException("a scope is closed by the thread that opened it, innermost first");
        }
        for (Tensor tensor : tensors) {
            tensor.scopeClosed(this);
        }
        pointers.close();
        if (parent == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(parent);
        }
    }
}
