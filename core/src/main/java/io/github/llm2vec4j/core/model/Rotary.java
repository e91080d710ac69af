package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021), with the two halves of a head as the pairs.
 *
 * @param cos (seq, headDim / 2)
 * @param sin (seq, headDim / 2)
 */
record Rotary(Tensor cos, Tensor sin) {

    static Rotary of(DecoderConfig config, int length, DType type) {
        int half = config.headDim() / 2;
        float[] cos = new float[length * half];
        float[] sin = new float[length * half];
        for (int i = 0; i < half; i++) {
            float frequency = (float) config.ropeScaling()
                    .apply((float) (1.0 / Math.pow(config.ropeTheta(), 2.0 * i / config.headDim())));
            for (int position = 0; position < length; position++) {
                float angle = position * frequency;
                cos[position * half + i] = (float) Math.cos(angle);
                sin[position * half + i] = (float) Math.sin(angle);
            }
        }
        return new Rotary(
                Tensor.of(cos, length, half).to(type), Tensor.of(sin, length, half).to(type));
    }

    /** Turns each pair by its angle; x (batch, heads, seq, headDim). */
    Tensor apply(Tensor x) {
        long half = x.size(-1) / 2;
        Tensor first = x.narrow(-1, 0, half);
        Tensor second = x.narrow(-1, half, half);
        return Tensor.cat(
                List.of(
                        first.mul(cos).sub(second.mul(sin)),
                        second.mul(cos).add(first.mul(sin))),
                -1);
    }
}
