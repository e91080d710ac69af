package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;

/**
 * The output head in one pass.
 *
 * @param weight (vocab, hidden), in the compute type
 * @param softCap c in c · tanh(logit / c), or 0 for uncapped logits
 */
public record OutputHead(Tensor weight, double softCap) {

    /** The logits (…, vocab) of states (…, hidden), in fp32. */
    public Tensor logits(Tensor states) {
        return states.linear(weight, null).to(DType.F32).softCap(softCap);
    }
}
