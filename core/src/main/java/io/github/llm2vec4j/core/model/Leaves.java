package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One worker's view of the trainable parameters: leaves that share the parameters' memory and have gradients of their
 * own, so that several workers can back-propagate at once.
 */
public final class Leaves implements AutoCloseable {
    private final List<Parameter> parameters;
    private final Map<Parameter, Tensor> leaves = new IdentityHashMap<>();

    public Leaves(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
        for (Parameter parameter : parameters) {
            leaves.put(parameter, parameter.value().leaf().keep());
        }
    }

    Tensor of(Parameter parameter) {
        Tensor leaf = leaves.get(parameter);
        if (leaf == null) {
            throw new IllegalStateException("parameter '" + parameter.name() + "' is not being trained");
        }
        return leaf;
    }

    /** The gradients in the order of the parameters; null where none has arrived. */
    public List<@Nullable Tensor> gradients() {
        List<@Nullable Tensor> gradients = new ArrayList<>();
        parameters.forEach(parameter -> gradients.add(of(parameter).gradient()));
        return gradients;
    }

    public void clearGradients() {
        leaves.values().forEach(Tensor::clearGradient);
    }

    @Override
    public void close() {
        leaves.values().forEach(Tensor::close);
    }
}
