package io.github.llm2vec4j.core.torch;

import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.OperatorHandle;
import org.jspecify.annotations.Nullable;

/** An operator of libtorch that has no Java method, called through its dispatcher. */
final class Kernel {
    /** Stands for an empty list of numbers among the arguments. */
    static final Object NO_NUMBERS = new Object();

    private final OperatorHandle handle;

    private Kernel(OperatorHandle handle) {
        this.handle = handle;
    }

    /** The operator of a name such as {@code mkldnn::_linear_pointwise}, or empty where this build has none. */
    static Optional<Kernel> find(String name, String overload) {
        Engine.ensureReady();
        try (PointerScope arguments = new PointerScope()) {
            OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, overload);
            handle.retainReference();
            return Optional.of(new Kernel(handle));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Calls it; the result belongs to the innermost open scope.
     *
     * @param arguments tensors, numbers, texts, {@link #NO_NUMBERS}, or null for what is left out
     */
    Tensor call(@Nullable Object... arguments) {
        Scope.current();
        try (PointerScope passing = new PointerScope()) {
            IValueVector values = new IValueVector();
            for (Object argument : arguments) {
                push(values, argument);
            }
            handle.callBoxed(values);
            // What the list holds goes with it: take a handle of our own.
            org.bytedeco.pytorch.Tensor result =
                    new org.bytedeco.pytorch.Tensor(values.get(0).toTensor());
            result.retainReference();
            passing.detach(result);
            return Tensor.received(result);
        }
    }

    private static void push(IValueVector values, @Nullable Object argument) {
        if (argument == NO_NUMBERS) {
            // A list of integers passes for one of optional numbers only while nobody else holds it.
            GenericList list = new GenericList(new LongList().elementType());
            IValue value = new IValue(list);
            values.push_back(value);
            value.deallocate();
            list.deallocate();
        } else {
            values.push_back(value(argument));
        }
    }

    private static IValue value(@Nullable Object argument) {
        if (argument == null) {
            return new IValue();
        }
        if (argument instanceof Tensor tensor) {
            return new IValue(tensor.pointer());
        }
        if (argument instanceof Double number) {
            return new IValue(number.doubleValue());
        }
        if (argument instanceof Long number) {
            return new IValue(number.longValue());
        }
        if (argument instanceof String text) {
            return new IValue(new BytePointer(text));
        }
        throw new IllegalArgumentException("an argument of " + argument.getClass());
    }
}
