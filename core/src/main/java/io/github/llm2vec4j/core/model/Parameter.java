package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.Tensor;

/** A named weight. Frozen weights are held in the compute type; trainable ones in fp32. */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final Tensor value;
    private final boolean trainable;

    /** Takes over a tensor, which it keeps and closes. */
    public Parameter(String name, Tensor value, boolean trainable) {
        this.name = name;
        this.value = value.keep();
        this.trainable = trainable;
    }

    /** The name in a checkpoint, for instance {@code model.layers.0.self_attn.q_proj.weight}. */
    public String name() {
        return name;
    }

    public Tensor value() {
        return value;
    }

    public boolean trainable() {
        return trainable;
    }

    @Override
    public void close() {
        value.close();
    }
}
