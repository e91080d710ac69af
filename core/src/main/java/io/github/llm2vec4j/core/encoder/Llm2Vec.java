package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.DecoderConfig;
import io.github.llm2vec4j.core.model.PackedBatch;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.core.torch.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decoder as a text encoder.
 *
 * <pre>{@code
 * try (Llm2Vec model = Llm2Vec.load("embedded:hebrew-mini")) {
 *     float[][] vectors = model.encode(List.of("שלום עולם", "בוקר טוב"));
 * }
 * }</pre>
 *
 * Several threads may encode at once. Native memory is freed by {@link #close()}.
 */
public final class Llm2Vec implements AutoCloseable {
    private final ModelChain chain;
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final EncoderConfig config;
    private final Template template;
    private final Prompts prompts;
    private final Pass pass;
    private final int tokensPerBatch;
    private final Workers workers;
    private final @Nullable ReferenceEncoding reference;

    private Llm2Vec(Builder options) {
        chain = ModelChain.resolve(options.model, options.adapters);
        config = options.pooling == null
                ? EncoderConfig.read(chain.last())
                : EncoderConfig.read(chain.last()).withPooling(options.pooling);
        if (options.referenceCompat) {
            ReferenceEncoding.check(config.pooling());
        }
        template = options.template == null ? chain.template() : options.template;
        Prompts own = options.referenceCompat ? chain.prompts().withoutDefault() : chain.prompts();
        prompts = options.prompt == null ? own : own.withDefault(options.prompt);
        DType type = ComputeType.of(options.dtype);
        boolean causal = options.causal || (options.referenceCompat && isCausalInReference(chain.base()));
        pass = Pass.inference(causal ? Pass.Direction.CAUSAL : Pass.Direction.BIDIRECTIONAL, type);
        tokensPerBatch = options.tokensPerBatch;
        workers = new Workers(options.workers);
        decoder = Decoder.load(chain.base(), type);
        try {
            LoraAdapter.merge(decoder, chain.adapters());
            tokenizer = Tokenizer.load(chain.tokenizerFolder());
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
        reference = options.referenceCompat ? reference(options.textsPerBatch) : null;
    }

    /** The reference's bidirectional Qwen2 is not. */
    private static boolean isCausalInReference(Path base) {
        return DecoderConfig.read(base).modelType().equals("qwen2");
    }

    private ReferenceEncoding reference(int textsPerBatch) {
        String family = decoder.config().modelType();
        return new ReferenceEncoding(
                new ReferencePreparation(tokenizer, config, chain.nameOrPath(), family),
                decoder,
                pass,
                config,
                tokenizer.padId(),
                tokenizer.bosId() == null ? -1 : tokenizer.bosId(),
                textsPerBatch);
    }

    /** Loads a model with its own settings: a folder, an adapter folder, or {@code embedded:NAME}. */
    public static Llm2Vec load(String model) {
        return builder(model).build();
    }

    /** Options for loading a model. */
    public static Builder builder(String model) {
        return new Builder(model);
    }

    /** Options for loading a model; see {@link Llm2Vec#builder(String)}. */
    public static final class Builder {
        private final String model;
        private final List<Path> adapters = new ArrayList<>();
        private @Nullable Pooling pooling;
        private @Nullable Template template;
        private @Nullable String prompt;
        private boolean causal;
        private boolean referenceCompat;
        private int textsPerBatch = 32;
        private String dtype = "auto";
        private int tokensPerBatch = 4096;
        private int workers = Runtime.getRuntime().availableProcessors();

        private Builder(String model) {
            this.model = model;
        }

        /** Merges a further adapter, after those that the model brings. */
        public Builder adapter(Path folder) {
            adapters.add(folder);
            return this;
        }

        /** Pools in this way, whatever the model's settings say. */
        public Builder pooling(Pooling mode) {
            pooling = mode;
            return this;
        }

        /** Sets instruction and text in this template, whatever the model's settings say. */
        public Builder template(Template value) {
            template = value;
            return this;
        }

        /** Sets the prompt of this name before texts that are encoded without an instruction. */
        public Builder prompt(String name) {
            prompt = name;
            return this;
        }

        /** Whether a token sees those before it alone, as in the decoder's pre-training. */
        public Builder causal(boolean value) {
            causal = value;
            return this;
        }

        /**
         * Whether {@code encode} does as the Python package llm2vec 0.2.3, errors included; a
         * long text is cut by words, a template goes by the name in config.json, the pooled tokens are those at the end
         * that the text alone would have, a separator in the text is taken out, an empty text is the mean of its row
         * with padding, Qwen2 is causal, and no default prompt is set. For comparing with vectors made by it.
         */
        public Builder referenceCompat(boolean value) {
            referenceCompat = value;
            return this;
        }

        /** The texts of a batch under {@link #referenceCompat}, where a vector may depend on its batch (32). */
        public Builder textsPerBatch(int texts) {
            if (texts < 1) {
                throw new IllegalArgumentException("texts per batch: expected at least 1, found " + texts);
            }
            textsPerBatch = texts;
            return this;
        }

        /** The compute type: {@code auto} (the fastest on this host), {@code float32} or {@code bfloat16}. */
        public Builder dtype(String name) {
            dtype = name;
            return this;
        }

        /** The most tokens that a worker takes at once. */
        public Builder tokensPerBatch(int tokens) {
            if (tokens < 1) {
                throw new IllegalArgumentException("tokens per batch: expected at least 1, found " + tokens);
            }
            tokensPerBatch = tokens;
            return this;
        }

        /** The number of batches that are computed at once, each on one core. */
        public Builder workers(int count) {
            workers = count;
            return this;
        }

        /**
         * Loads the model, and makes sure by a text of three tokens that it attends in the direction asked for.
         *
         * @throws io.github.llm2vec4j.core.checkpoint.BadCheckpointException if a file is missing or damaged, or
         *     attention is not what it should be
         * @throws IllegalArgumentException if the model has no prompt of the name that was asked for
         */
        public Llm2Vec build() {
            Llm2Vec loaded = new Llm2Vec(this);
            try {
                DirectionCheck.run(
                        loaded.pass.direction(),
                        loaded.decoder.config().vocabSize(),
                        ids -> loaded.tokenStates(List.of(new PreparedText(ids, 0, ids.length, false)))[0][0],
                        loaded.chain.last());
            } catch (RuntimeException e) {
                loaded.close();
                throw e;
            }
            return loaded;
        }
    }

    /** The length of a vector. */
    public int dimensions() {
        return decoder.config().hiddenSize();
    }

    public EncoderConfig config() {
        return config;
    }

    /** Where instruction and text stand in what the model reads. */
    public Template template() {
        return template;
    }

    public Prompts prompts() {
        return prompts;
    }

    /**
     * The prompt of a name, to encode with: {@code encode(model.prompt("query"), texts)}.
     *
     * @throws IllegalArgumentException naming the prompts that the model has
     */
    public Instruction prompt(String name) {
        return prompts.get(name);
    }

    public ModelChain chain() {
        return chain;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public Decoder decoder() {
        return decoder;
    }

    public DType computeType() {
        return pass.computeType();
    }

    /** The vectors of texts without an instruction, or with the model's default prompt where it has one. */
    public float[][] encode(List<String> texts) {
        return encode(prompts.ofDefault(), texts);
    }

    /** The vector of one text. */
    public float[] encode(Instruction instruction, String text) {
        return encode(instruction, List.of(text))[0];
    }

    /**
     * The vectors of texts, in their order: (texts, {@link #dimensions()}), fp32, not normalised. A text of no tokens
     * gets the mean of what the model sees of it: its first token and the instruction.
     */
    public float[][] encode(Instruction instruction, List<String> texts) {
        return encodeAll(instruction, texts).vectors();
    }

    /** The vectors of texts as {@link #encode(Instruction, List)}, with the tokens of each and which were cut. */
    public Encodings encodeAll(Instruction instruction, List<String> texts) {
        return encodeAll(Collections.nCopies(texts.size(), instruction), texts);
    }

    /** As {@link #encodeAll(Instruction, List)}, with an instruction for each text. */
    public Encodings encodeAll(List<Instruction> instructions, List<String> texts) {
        if (instructions.size() != texts.size()) {
            throw new IllegalArgumentException(
                    instructions.size() + " instructions for " + texts.size() + " texts: expected one for each");
        }
        if (reference != null) {
            return reference.encode(instructions, texts, workers);
        }
        TextPreparation preparation = preparation();
        List<PreparedText> prepared = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            prepared.add(preparation.prepare(instructions.get(i), texts.get(i)));
        }
        int[] tokens = prepared.stream().mapToInt(text -> text.ids().length).toArray();
        boolean[] cut = new boolean[tokens.length];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = prepared.get(i).truncated();
        }
        return new Encodings(encodePrepared(prepared), tokens, cut);
    }

    /** Texts as the model takes them. */
    public List<PreparedText> prepare(Instruction instruction, List<String> texts) {
        TextPreparation preparation = preparation();
        return texts.stream()
                .map(text -> preparation.prepare(instruction, text))
                .toList();
    }

    private TextPreparation preparation() {
        return new TextPreparation(tokenizer, config, template);
    }

    /** The vectors of prepared texts, in their order. */
    public float[][] encodePrepared(List<PreparedText> texts) {
        float[][] vectors = new float[texts.size()][];
        List<int[]> batches = batches(texts);
        workers.map(batches.size(), b -> {
            int[] rows = batches.get(b);
            float[][] pooled = pool(Arrays.stream(rows).mapToObj(texts::get).toList());
            for (int i = 0; i < rows.length; i++) {
                vectors[rows[i]] = pooled[i];
            }
            return rows.length;
        });
        return vectors;
    }

    /**
     * Indices of texts, the longest first, in batches of about as many tokens each: within the budget, and as many as
     * keep all workers busy. A longer text than the budget goes alone.
     */
    private List<int[]> batches(List<PreparedText> texts) {
        int[] order = java.util.stream.IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -texts.get(i).ids().length))
                .mapToInt(Integer::intValue)
                .toArray();
        long tokens = texts.stream().mapToLong(text -> text.ids().length).sum();
        long rounds = Math.max(1, ceilDiv(tokens, (long) tokensPerBatch * workers.count()));
        long budget = ceilDiv(tokens, rounds * workers.count());
        List<int[]> batches = new ArrayList<>();
        int start = 0;
        while (start < order.length) {
            int end = start;
            long sum = 0;
            do {
                sum += texts.get(order[end++]).ids().length;
            } while (end < order.length && sum + texts.get(order[end]).ids().length <= budget);
            batches.add(Arrays.copyOfRange(order, start, end));
            start = end;
        }
        return batches;
    }

    private static long ceilDiv(long a, long b) {
        return (a + b - 1) / b;
    }

    private static PackedBatch pack(List<PreparedText> texts) {
        return PackedBatch.of(texts.stream().map(PreparedText::ids).toList());
    }

    private float[][] pool(List<PreparedText> texts) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            PackedBatch batch = pack(texts);
            Tensor states = decoder.hiddenStates(batch, pass);
            float[][] vectors = new float[texts.size()][];
            int done = 0;
            for (PackedBatch.Group group : batch.groups()) {
                float[][] pooled = pool(group.of(states).to(DType.F32), texts.subList(done, done + group.texts()));
                System.arraycopy(pooled, 0, vectors, done, pooled.length);
                done += pooled.length;
            }
            return vectors;
        }
    }

    /** Pools states (texts, length, hidden) of texts of equal length. */
    private float[][] pool(Tensor states, List<PreparedText> texts) {
        if (config.pooling() == Pooling.MAX) {
            float[][] vectors = new float[texts.size()][];
            for (int t = 0; t < vectors.length; t++) {
                PreparedText text = texts.get(t);
                vectors[t] = states.narrow(0, t, 1)
                        .narrow(1, text.poolFrom(), text.poolTo() - text.poolFrom())
                        .max(1)
                        .toRows()[0];
            }
            return vectors;
        }
        int length = texts.get(0).ids().length;
        float[] weights = new float[texts.size() * length];
        for (int t = 0; t < texts.size(); t++) {
            System.arraycopy(config.pooling().weights(texts.get(t)), 0, weights, t * length, length);
        }
        return Tensor.of(weights, texts.size(), 1, length)
                .matmul(states)
                .reshape(texts.size(), -1)
                .toRows();
    }

    /** The states of all tokens of prepared texts, (tokens, dimensions) for each, in their order. */
    public float[][][] tokenStates(List<PreparedText> texts) {
        float[][][] states = new float[texts.size()][][];
        List<int[]> batches = batches(texts);
        workers.map(batches.size(), b -> {
            int[] rows = batches.get(b);
            try (Scope scope = Scope.open();
                    NoGrad off = NoGrad.enter()) {
                Tensor all = decoder.hiddenStates(
                        pack(Arrays.stream(rows).mapToObj(texts::get).toList()), pass);
                long start = 0;
                for (int row : rows) {
                    int length = texts.get(row).ids().length;
                    states[row] =
                            all.narrow(1, start, length).reshape(length, -1).toRows();
                    start += length;
                }
            }
            return rows.length;
        });
        return states;
    }

    @Override
    public void close() {
        workers.close();
        decoder.close();
        tokenizer.close();
    }
}
