package io.github.llm2vec4j.core.model;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.checkpoint.Weights;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer, causal or bidirectional by the {@link Pass}. Its weights are shared by all passes and may
 * be used by several threads at once.
 */
public final class Decoder implements AutoCloseable {
    private final DecoderConfig config;
    private final DType weightType;
    private final Parameter embedding;
    private final List<DecoderLayer> layers = new ArrayList<>();
    private final Parameter finalNorm;
    private final @Nullable Parameter head;
    private final @Nullable Weights checkpoint;

    private Decoder(
            DecoderConfig config,
            DType weightType,
            WeightSource weights,
            boolean withHead,
            @Nullable Weights checkpoint) {
        this.config = config;
        this.weightType = weightType;
        this.checkpoint = checkpoint;
        embedding = weights.parameter("embed_tokens.weight", config.vocabSize(), config.hiddenSize());
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new DecoderLayer(config, i, weights));
        }
        finalNorm = weights.parameter("norm.weight", config.hiddenSize());
        head = withHead ? weights.parameter("lm_head.weight", config.vocabSize(), config.hiddenSize()) : null;
    }

    /**
     * Loads a model folder for use or for training adapters on it: the weights are frozen, in the given type.
     *
     * @throws BadCheckpointException if the folder is not a model, or its files do
     *     not fit together
     */
    public static Decoder load(Path folder, DType type) {
        return load(folder, type, false);
    }

    /** Loads a model folder with all weights trainable, in fp32. */
    public static Decoder loadTrainable(Path folder) {
        return load(folder, DType.F32, true);
    }

    private static Decoder load(Path folder, DType type, boolean trainable) {
        StoredModel model = StoredModel.open(folder);
        DecoderConfig config = model.config();
        Weights checkpoint = model.weights();
        List<Parameter> made = new ArrayList<>();
        try {
            boolean withHead = !config.tieWordEmbeddings() && checkpoint.has("lm_head.weight");
            WeightSource stored = WeightSource.of(checkpoint, type, trainable);
            WeightSource counted = (name, shape) -> {
                made.add(stored.parameter(name, shape));
                return made.get(made.size() - 1);
            };
            Decoder decoder = new Decoder(config, type, counted, withHead, checkpoint);
            checkNoneIsLeft(checkpoint, decoder.parameters().keySet());
            return decoder;
        } catch (RuntimeException e) {
            made.forEach(Parameter::close);
            checkpoint.close();
            throw e;
        }
    }

    /** A weight of a block that is left would make the model another one; tables of rotations are computed here. */
    private static void checkNoneIsLeft(Weights checkpoint, Set<String> read) {
        for (String name : checkpoint.names()) {
            String full = name.startsWith("layers.") ? "model." + name : name;
            if (full.startsWith("model.layers.") && !read.contains(full) && !full.endsWith(".rotary_emb.inv_freq")) {
                throw new BadCheckpointException(
                        checkpoint.source(),
                        "tensor '" + name
                                + "' has no place in the model that config.json describes: use the config.json"
                                + " that belongs to these weights");
            }
        }
    }

    /** A decoder with random weights, all trainable, as a start for pre-training. */
    public static Decoder random(DecoderConfig config, long seed) {
        return new Decoder(config, DType.F32, WeightSource.random(config, seed), !config.tieWordEmbeddings(), null);
    }

    /**
     * Random weights of a decoder of any size, by their names in a checkpoint, each made when it is written.
     *
     * @param type the type to store them in
     */
    public static Map<String, SafetensorsWriter.Pending> randomWeights(DecoderConfig config, long seed, DType type) {
        Map<String, SafetensorsWriter.Pending> weights = new LinkedHashMap<>();
        try (Decoder shapes =
                new Decoder(config, DType.F32, WeightSource.shapesOnly(), !config.tieWordEmbeddings(), null)) {
            shapes.parameters().forEach((name, parameter) -> {
                long[] shape = parameter.value().shape();
                weights.put(
                        name,
                        new SafetensorsWriter.Pending(
                                type,
                                Arrays.stream(shape).boxed().toList(),
                                () -> WeightSource.randomValue(config, seed, name, shape)
                                        .to(type)));
            });
        }
        return weights;
    }

    public DecoderConfig config() {
        return config;
    }

    /**
     * What takes the weight of a layer over into a layout for encoding, one layer after the other as they come: it cannot
     * be read any more, and no adapter be merged into it. A layer that is packed already stays as it is.
     *
     * @throws IllegalArgumentException if this host has no kernels for the layout
     */
    public Consumer<Linear> packing(WeightLayout layout) {
        long bytes = linears().stream()
                .mapToLong(linear -> linear.weight().value().byteCount())
                .sum();
        WeightLayout resolved = layout.resolved(bytes, weightType);
        return linear -> {
            if (!linear.isPacked()) {
                Parameter stored = linear.weight();
                if (linear.pack(resolved)) {
                    release(stored);
                }
            }
        };
    }

    /**
     * Holds the weights of all linear layers as int8, for training adapters on them in about half the memory; they
     * cannot be read any more, and no adapter be merged into them.
     */
    public void quantize() {
        linears().forEach(this::quantize);
    }

    /** The same for one layer; a layer that is held so already stays as it is. */
    public void quantize(Linear linear) {
        if (!linear.isQuantized()) {
            Parameter stored = linear.weight();
            linear.quantize();
            release(stored);
        }
    }

    /** Puts another weight of the same shape into a layer and lets go of the old one. */
    public void replaceWeight(Linear linear, Parameter replacement) {
        linear.replaceWeight(replacement);
        release(replacement);
    }

    /** Lets go of what was read of the file for a parameter that is not taken from there any more. */
    private void release(Parameter parameter) {
        if (checkpoint != null) {
            checkpoint.release(WeightSource.storedName(checkpoint, parameter.name()));
        }
    }

    /** The type in which frozen weights are held. */
    public DType weightType() {
        return weightType;
    }

    /** All linear layers of the blocks, in order; adapters go onto these. */
    public List<Linear> linears() {
        return layers.stream().flatMap(layer -> layer.linears().stream()).toList();
    }

    /** All weights by their name in a checkpoint, without adapters. */
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        List<Parameter> ordered = new ArrayList<>(List.of(embedding));
        for (DecoderLayer layer : layers) {
            for (Linear linear : layer.linears()) {
                ordered.add(linear.weight());
                if (linear.bias() != null) {
                    ordered.add(linear.bias());
                }
            }
            ordered.addAll(layer.norms());
        }
        ordered.add(finalNorm);
        if (head != null) {
            ordered.add(head);
        }
        ordered.forEach(parameter -> all.put(parameter.name(), parameter));
        return all;
    }

    /** The vectors of tokens before the first block: (vocab, hidden). */
    public Parameter embedding() {
        return embedding;
    }

    /** The output head (vocab, hidden): its own weights, or the embedding table where they are tied. */
    public Parameter head() {
        if (head != null) {
            return head;
        }
        if (config.tieWordEmbeddings()) {
            return embedding;
        }
        throw new IllegalStateException("this model has no output head: it was saved as an encoder");
    }

    /** The output head as a pass uses it. */
    public OutputHead head(Pass pass) {
        return new OutputHead(pass.use(head()), config.logitSoftCap());
    }

    /** The last hidden states (batch, seq, hidden) of a batch, after the final norm. */
    public Tensor hiddenStates(TokenBatch batch, Pass pass) {
        return hiddenStates(inputs(batch, pass), pass);
    }

    /**
     * The last hidden states (batch, seq, hidden) of a batch whose positions count from the left edge, padding included,
     * as in the reference. Rotary positions are relative, so this differs in the rounding alone.
     */
    public Tensor hiddenStatesByEdge(TokenBatch batch, Pass pass) {
        return hiddenStates(
                new Inputs(
                        embedded(batch.ids(), batch.idTensor(), pass),
                        Rotary.byEdge(config, batch.length(), pass.computeType()),
                        Sight.ofLayers(batch, pass, config)),
                pass);
    }

    /** The last hidden states (1, tokens, hidden) of packed texts, after the final norm. */
    public Tensor hiddenStates(PackedBatch batch, Pass pass) {
        return hiddenStates(batch, pass, List.of(config.layers())).get(0);
    }

    /**
     * The hidden states of packed texts at several layers, in one pass that ends at the highest of them. Layers count as
     * in {@code hidden_states} of the Python package transformers: 0 is the input of the first block, k the output of
     * block k without the final norm, and the last layer has the final norm.
     *
     * @param atLayers from 0 to the number of blocks
     * @return for each of the layers, in their order, (1, tokens, hidden)
     * @throws IllegalArgumentException for a layer that the model does not have
     */
    public List<Tensor> hiddenStates(PackedBatch batch, Pass pass, List<Integer> atLayers) {
        for (int layer : atLayers) {
            if (layer < 0 || layer > layers.size()) {
                throw new IllegalArgumentException(
                        "layer " + layer + ": the model has layers 0 (the embeddings) to " + layers.size());
            }
        }
        Inputs inputs = new Inputs(
                embedded(batch.ids(), batch.idTensor(), pass),
                Rotary.of(config, batch, pass.computeType()),
                Sight.ofLayers(batch, pass, config));
        return hiddenStates(inputs, pass, atLayers);
    }

    private Tensor hiddenStates(Inputs inputs, Pass pass) {
        return hiddenStates(inputs, pass, List.of(layers.size())).get(0);
    }

    private List<Tensor> hiddenStates(Inputs inputs, Pass pass, List<Integer> atLayers) {
        Map<Integer, Tensor> states = new HashMap<>();
        Tensor x = inputs.embedded;
        for (int i = 0; i <= Collections.max(atLayers); i++) {
            if (i > 0) {
                DecoderLayer layer = layers.get(i - 1);
                Tensor input = x;
                Sight sight = inputs.sights.get(i - 1);
                // What a block computes goes with it, or all blocks' would be held at once.
                x = Scope.compute(() -> layer.forward(input, inputs.rotary, sight, pass));
            }
            if (atLayers.contains(i)) {
                states.put(i, i == layers.size() ? norm(x, finalNorm, config, pass) : x);
            }
        }
        return atLayers.stream()
                .map(layer -> Objects.requireNonNull(states.get(layer)))
                .toList();
    }

    /** A forward pass that can be taken back; see {@link Activations}. */
    public Activations forward(TokenBatch batch, Pass pass, boolean checkpointLayers) {
        return checkpointLayers
                ? new CheckpointedActivations(this, batch, pass)
                : new GraphActivations(hiddenStates(batch, pass));
    }

    /** What the first block takes, what all take, and which tokens see which in each. */
    record Inputs(Tensor embedded, Rotary rotary, List<Sight> sights) {}

    Inputs inputs(TokenBatch batch, Pass pass) {
        return new Inputs(
                embedded(batch.ids(), batch.idTensor(), pass),
                Rotary.of(config, batch, pass.computeType()),
                Sight.ofLayers(batch, pass, config));
    }

    private Tensor embedded(long[] ids, Tensor shaped, Pass pass) {
        for (long id : ids) {
            if (id < 0 || id >= config.vocabSize()) {
                throw new IllegalArgumentException("token id " + id + ": the model has tokens 0 to "
                        + (config.vocabSize() - 1) + ": its tokenizer is another model's");
            }
        }
        Tensor embedded = pass.use(embedding).embedding(shaped);
        return config.family().has(Family.Trait.SCALED_EMBEDDINGS)
                ? embedded.mul(Tensor.full(DType.F32, Math.sqrt(config.hiddenSize()), 1)
                        .to(pass.computeType()))
                : embedded;
    }

    List<DecoderLayer> layers() {
        return layers;
    }

    Tensor finalNorm(Tensor x, Pass pass) {
        return norm(x, finalNorm, config, pass);
    }

    /** As the families do: Gemma's multiply in fp32, where 1 + a small weight is not lost, others in the type of x. */
    static Tensor norm(Tensor x, Parameter weight, DecoderConfig config, Pass pass) {
        Tensor scale = pass.use(weight);
        boolean plusOne = config.family().has(Family.Trait.NORM_PLUS_ONE);
        if (pass.leaves() == null) {
            return x.rmsNormForward(plusOne ? scale.to(DType.F32).add(1) : scale, config.rmsNormEps());
        }
        return plusOne
                ? x.to(DType.F32)
                        .rmsNorm(scale.to(DType.F32).add(1), config.rmsNormEps())
                        .to(x.dtype())
                : x.rmsNorm(scale, config.rmsNormEps());
    }

    @Override
    public void close() {
        embedding.close();
        layers.forEach(DecoderLayer::close);
        finalNorm.close();
        if (head != null) {
            head.close();
        }
        if (checkpoint != null) {
            checkpoint.close();
        }
    }
}
