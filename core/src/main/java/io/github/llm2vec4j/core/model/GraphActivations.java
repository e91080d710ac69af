package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;

/** Keeps the whole graph: fastest, and as much memory as all activations. */
record GraphActivations(Tensor states) implements Activations {

    @Override
    public Tensor output() {
        return states.detach();
    }

    @Override
    public void backward(Tensor gradient) {
        states.backward(gradient);
    }
}
