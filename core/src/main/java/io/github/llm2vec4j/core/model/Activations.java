package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;

/** The result of a forward pass together with the way back through it. */
public interface Activations {

    /** The last hidden states (batch, seq, hidden), outside of the graph. */
    Tensor output();

    /** Back-propagates the gradient of the output into the leaves of the pass. */
    void backward(Tensor gradient);
}
