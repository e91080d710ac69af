package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Device;
import io.github.llm2vec4j.core.torch.Epilogue;
import io.github.llm2vec4j.core.torch.FusedAttention;
import io.github.llm2vec4j.core.torch.LinearInput;
import io.github.llm2vec4j.core.torch.RandomState;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One block: attention and a gated feed-forward, each on the normed residual stream and added to it. */
final class DecoderLayer implements AutoCloseable {
    private final DecoderConfig config;
    private final int index;
    private final Parameter inputNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final @Nullable Parameter queryNorm;
    private final @Nullable Parameter keyNorm;
    private final Linear output;
    private final @Nullable Parameter attentionOutputNorm;
    private final Parameter feedForwardNorm;
    private final Linear gate;
    private final Linear up;
    private final Linear down;
    private final @Nullable Parameter feedForwardOutputNorm;

    DecoderLayer(DecoderConfig config, int index, WeightSource weights) {
        this.config = config;
        this.index = index;
        String path = "layers." + index;
        int hidden = config.hiddenSize();
        int queryWidth = config.heads() * config.headDim();
        int keyWidth = config.kvHeads() * config.headDim();
        boolean bias = config.family().has(Family.Trait.ATTENTION_BIAS);
        this.inputNorm = weights.parameter(path + ".input_layernorm.weight", hidden);
        this.query = weights.linear(path + ".self_attn.q_proj", queryWidth, hidden, bias);
        this.key = weights.linear(path + ".self_attn.k_proj", keyWidth, hidden, bias);
        this.value = weights.linear(path + ".self_attn.v_proj", keyWidth, hidden, bias);
        boolean headNorms = config.family().has(Family.Trait.HEAD_NORMS);
        this.queryNorm = headNorms ? weights.parameter(path + ".self_attn.q_norm.weight", config.headDim()) : null;
        this.keyNorm = headNorms ? weights.parameter(path + ".self_attn.k_norm.weight", config.headDim()) : null;
        this.output = weights.linear(path + ".self_attn.o_proj", hidden, queryWidth, false);
        // Where attention's output is normed, its norm has the name that the feed-forward's has elsewhere.
        boolean outputNorms = config.family().has(Family.Trait.OUTPUT_NORMS);
        Parameter postAttention = weights.parameter(path + ".post_attention_layernorm.weight", hidden);
        this.attentionOutputNorm = outputNorms ? postAttention : null;
        this.feedForwardNorm =
                outputNorms ? weights.parameter(path + ".pre_feedforward_layernorm.weight", hidden) : postAttention;
        this.gate = weights.linear(path + ".mlp.gate_proj", config.intermediateSize(), hidden, false);
        this.up = weights.linear(path + ".mlp.up_proj", config.intermediateSize(), hidden, false);
        this.down = weights.linear(path + ".mlp.down_proj", hidden, config.intermediateSize(), false);
        this.feedForwardOutputNorm =
                outputNorms ? weights.parameter(path + ".post_feedforward_layernorm.weight", hidden) : null;
    }

    List<Linear> linears() {
        return List.of(query, key, value, output, gate, up, down);
    }

    List<Parameter> norms() {
        return Stream.of(inputNorm, queryNorm, keyNorm, attentionOutputNorm, feedForwardNorm, feedForwardOutputNorm)
                .filter(Objects::nonNull)
                .toList();
    }

    /** x (batch, seq, hidden) → the same shape. */
    Tensor forward(Tensor x, Rotary rotary, Sight sight, Pass pass) {
        RandomState random = random(pass);
        Tensor residual = afterAttention(x, rotary, sight, pass, random);
        Tensor fed = Scope.compute(() -> feedForward(norm(residual, feedForwardNorm, pass), pass, random));
        return added(residual, down, fed, feedForwardOutputNorm, pass, random);
    }

    /**
     * Computes the block again from its input, a leaf, and back-propagates the gradient of its output. The product of its
     * last layer is left out where only the output would need it.
     */
    void backward(Tensor x, Rotary rotary, Sight sight, Pass pass, Tensor gradient) {
        RandomState random = random(pass);
        Tensor residual = afterAttention(x, rotary, sight, pass, random);
        Tensor fed = Scope.compute(() -> feedForward(norm(residual, feedForwardNorm, pass), pass, random));
        if (feedForwardOutputNorm != null || !down.backwardWithoutProduct(residual, fed, gradient, pass, random)) {
            added(residual, down, fed, feedForwardOutputNorm, pass, random).backward(gradient);
        }
    }

    private @Nullable RandomState random(Pass pass) {
        return pass.hasDropout() ? pass.random(index) : null;
    }

    private Tensor afterAttention(Tensor x, Rotary rotary, Sight sight, Pass pass, @Nullable RandomState random) {
        Tensor attended = Scope.compute(() -> attention(norm(x, inputNorm, pass), rotary, sight, pass, random));
        return added(x, output, attended, attentionOutputNorm, pass, random);
    }

    /** residual + norm(last(x)). */
    private Tensor added(
            Tensor residual, Linear last, Tensor x, @Nullable Parameter norm, Pass pass, @Nullable RandomState random) {
        LinearInput input = new LinearInput(x);
        return norm == null
                ? last.forward(input, pass, random, Epilogue.plus(residual))
                : residual.add(norm(last.forward(input, pass, random, Epilogue.NONE), norm, pass));
    }

    private Tensor norm(Tensor x, @Nullable Parameter weight, Pass pass) {
        return weight == null ? x : Decoder.norm(x, weight, config, pass);
    }

    private Tensor attention(Tensor x, Rotary rotary, Sight sight, Pass pass, @Nullable RandomState random) {
        LinearInput input = new LinearInput(x);
        Tensor q = heads(query.forward(input, pass, random, Epilogue.NONE), config.heads());
        Tensor k = heads(key.forward(input, pass, random, Epilogue.NONE), config.kvHeads());
        Tensor v = heads(value.forward(input, pass, random, Epilogue.NONE), config.kvHeads());
        q = rotary.apply(norm(q, queryNorm, pass)); // (batch, seq, heads, headDim)
        k = rotary.apply(norm(k, keyNorm, pass)); // (batch, seq, kvHeads, headDim)
        Tensor mixed = sight.mix(
                q,
                k,
                v,
                (queries, keys, values, mask) -> mask.fused()
                        ? FusedAttention.of(queries, keys, values, mask.mask(), mask.causal(), config.attentionScale())
                        : writtenAttention(queries, keys, values, mask, pass.attentionDropout(), random));
        return mixed.reshape(x.size(0), x.size(1), -1);
    }

    /**
     * Whether the engine's own kernel computes attention over texts of a length. It caps no scores; its gradient in
     * bf16 is some 40 times slower on a CPU than that of the same attention written out. On few tokens in bf16 it does
     * not use the CPU's matrix instructions; where it never does, attention written out is faster until its scores
     * outgrow the cache. On a GPU it is always the faster, but drops no weights by the pass's seed.
     */
    static boolean fused(DecoderConfig config, Pass pass, int length) {
        if (Device.current() == Device.CUDA) {
            return config.attentionSoftCap() == 0 && pass.attentionDropout() == 0;
        }
        if (pass.leaves() != null || config.attentionSoftCap() > 0) {
            return false;
        }
        return pass.computeType() == DType.F32 || length >= (FusedAttention.isFastInBf16() ? 64 : 1024);
    }

    /** The same attention written out: its scores can be capped, its dropout follows from the pass's seed. */
    private Tensor writtenAttention(
            Tensor q, Tensor k, Tensor v, AttentionMask mask, double dropout, @Nullable RandomState random) {
        long[] s = q.shape(); // (batch, heads, seq, headDim)
        // The query heads that share a key head are the rows of one product.
        long[] byKey = {s[0], config.kvHeads(), s[1] / config.kvHeads() * s[2], s[3]};
        Tensor scores = q.mul(config.attentionScale())
                .reshape(byKey)
                .matmul(k.transpose(2, 3))
                .reshape(s[0], s[1], s[2], k.size(2))
                .softCap(config.attentionSoftCap());
        if (mask.mask() != null) {
            scores = scores.add(mask.mask());
        }
        Tensor weights = scores.softmax(-1);
        if (dropout > 0 && random != null) {
            weights = weights.dropout(dropout, random);
        }
        return weights.reshape(byKey[0], byKey[1], byKey[2], k.size(2))
                .matmul(v)
                .reshape(s);
    }

    /** (batch, seq, heads · headDim) → (batch, seq, heads, headDim). */
    private Tensor heads(Tensor x, int heads) {
        return x.reshape(x.size(0), x.size(1), heads, config.headDim());
    }

    /** What the last linear layer of the feed-forward takes. */
    private Tensor feedForward(Tensor x, Pass pass, @Nullable RandomState random) {
        LinearInput input = new LinearInput(x);
        Tensor gated = gate.forward(input, pass, random, Epilogue.activation(config.activation()));
        return up.forward(input, pass, random, Epilogue.times(gated));
    }

    @Override
    public void close() {
        linears().forEach(Linear::close);
        norms().forEach(Parameter::close);
    }
}
