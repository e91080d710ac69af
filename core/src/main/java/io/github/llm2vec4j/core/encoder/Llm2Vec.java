package io.github.llm2vec4j.core.encoder;

import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Linear;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.WeightLayout;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
    /** Tokenised at once by a worker. */
    private static final int TEXTS_PER_PIECE = 64;

    private final ModelChain chain;
    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final EncoderConfig config;
    private final Template template;
    private final Prompts prompts;
    private final Pass pass;
    private final Workers workers;
    private final PackedRunner runner;
    private final @Nullable ReferenceEncoding reference;

    private Llm2Vec(Builder options) {
        chain = ModelChain.resolve(options.model, options.adapters);
        config = options.pooling == null ? chain.config() : chain.config().withPooling(options.pooling);
        if (options.referenceCompat) {
            ReferenceEncoding.check(config.pooling());
        }
        template = options.template == null ? chain.template() : options.template;
        Prompts own = options.referenceCompat ? chain.prompts().withoutDefault() : chain.prompts();
        prompts = options.prompt == null ? own : own.withDefault(options.prompt);
        DType type = ComputeType.of(options.dtype);
        workers = new Workers(options.workers);
        decoder = Decoder.load(chain.base(), type);
        boolean causal = options.causal || chain.causal() || (options.referenceCompat && isCausalInReference());
        pass = Pass.inference(causal ? Pass.Direction.CAUSAL : Pass.Direction.BIDIRECTIONAL, type);
        try {
            Consumer<Linear> packing = decoder.packing(options.weights);
            LoraAdapter.merge(decoder, chain.adapters(), packing);
            decoder.linears().forEach(packing);
            tokenizer = Tokenizer.load(chain.tokenizerFolder());
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
        runner = new PackedRunner(decoder, pass, config.pooling(), workers, options.tokensPerBatch);
        reference = options.referenceCompat ? reference(options.textsPerBatch) : null;
    }

    /** The reference's bidirectional Qwen2 is not. */
    private boolean isCausalInReference() {
        return decoder.config().modelType().equals("qwen2");
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
        private WeightLayout weights = WeightLayout.AUTO;
        private int tokensPerBatch = 4096;
        private int workers = Workers.usualCount();

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

        /**
         * Whether a token sees those before it alone, as in the decoder's pre-training. A folder of
         * sentence-transformers may ask for it too.
         */
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

        /** How the weights of the linear layers are held ({@link WeightLayout#AUTO}). */
        public Builder weights(WeightLayout layout) {
            weights = layout;
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

        /** The number of batches that are computed at once, each on one core (one for each; 1 on a GPU). */
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
     * The vectors of texts, in their order: (texts, {@link #dimensions()}), fp32, not normalised unless the model is a
     * folder of sentence-transformers that asks for it. A text of no tokens gets the mean of what the model sees of it: its first token and the instruction.
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
        List<PreparedText> prepared = prepareAll(preparation(), instructions, texts);
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
                .map(text -> prepare(preparation, instruction, text))
                .toList();
    }

    /**
     * A text of which only a part is pooled, such as the beginning that it shares with another.
     *
     * @throws IllegalArgumentException if the part has no token, or was cut off
     */
    public PreparedText prepare(Instruction instruction, String text, TextSpan part) {
        return preparation().locate(instruction, text).part(part);
    }

    /** Prepares a piece of the texts on each worker. */
    private List<PreparedText> prepareAll(
            TextPreparation preparation, List<Instruction> instructions, List<String> texts) {
        PreparedText[] prepared = new PreparedText[texts.size()];
        int pieces = (texts.size() + TEXTS_PER_PIECE - 1) / TEXTS_PER_PIECE;
        workers.map(pieces, piece -> {
            int end = Math.min(prepared.length, (piece + 1) * TEXTS_PER_PIECE);
            for (int i = piece * TEXTS_PER_PIECE; i < end; i++) {
                prepared[i] = prepare(preparation, instructions.get(i), texts.get(i));
            }
            return end;
        });
        return List.of(prepared);
    }

    private PreparedText prepare(TextPreparation preparation, Instruction instruction, String text) {
        PreparedText prepared = preparation.prepare(instruction, text);
        SentenceTransformersFolder wrapping = chain.wrapping();
        return wrapping == null ? prepared : wrapping.pooled(instruction, prepared);
    }

    private TextPreparation preparation() {
        return new TextPreparation(tokenizer, config, template);
    }

    /** The vectors of prepared texts, in their order. */
    public float[][] encodePrepared(List<PreparedText> texts) {
        return finished(runner.vectors(texts));
    }

    /**
     * The vectors of texts by layer and pooling: (layers, poolings, texts, {@link #dimensions()}), fp32, not normalised.
     * One pass gives them all, but for {@code eos_token}, before which a text is closed and which so needs a pass of its
     * own. The last layer with the model's pooling gives what {@link #encode(Instruction, List)} does.
     *
     * @param layers 0 for the embeddings, k for the output of block k; only that of the last block has the final norm
     *     ({@link Decoder#hiddenStates(io.github.llm2vec4j.core.model.PackedBatch, Pass, List)})
     */
    public float[][][][] encodeLayers(
            Instruction instruction, List<String> texts, List<Integer> layers, List<Pooling> poolings) {
        float[][][][] vectors = new float[layers.size()][poolings.size()][][];
        for (boolean closed : List.of(false, true)) {
            int[] own = IntStream.range(0, poolings.size())
                    .filter(p -> (poolings.get(p) == Pooling.EOS_TOKEN) == closed)
                    .toArray();
            if (own.length == 0) {
                continue;
            }
            List<Pooling> ownPoolings =
                    Arrays.stream(own).mapToObj(poolings::get).toList();
            List<PreparedText> prepared = prepareAll(
                    new TextPreparation(tokenizer, config.withPooling(ownPoolings.get(0)), template),
                    Collections.nCopies(texts.size(), instruction),
                    texts);
            float[][][][] some = runner.vectors(prepared, layers, ownPoolings);
            for (int l = 0; l < some.length; l++) {
                for (int p = 0; p < own.length; p++) {
                    vectors[l][own[p]] = some[l][p];
                }
            }
        }
        return vectors;
    }

    /** Vectors as the model gives them, normalised if it does that. */
    private float[][] finished(float[][] vectors) {
        if (chain.wrapping() != null && chain.wrapping().normalised()) {
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = EmbeddingFiles.shape(vectors[i], vectors[i].length, true);
            }
        }
        return vectors;
    }

    /** The states of all tokens of prepared texts, (tokens, dimensions) for each, in their order. */
    public float[][][] tokenStates(List<PreparedText> texts) {
        return runner.states(texts);
    }

    /**
     * The states of all tokens of prepared texts by layer, from one pass: (layers, texts, tokens, dimensions).
     *
     * @param layers as for {@link #encodeLayers}
     */
    public float[][][][] tokenStates(List<PreparedText> texts, List<Integer> layers) {
        return runner.states(texts, layers);
    }

    /** The states of the texts' own tokens, in the order of the texts, with the characters that each covers. */
    public List<TokenStates> encodeTokens(Instruction instruction, List<String> texts) {
        TextPreparation preparation = preparation();
        List<LocatedText> located = texts.stream()
                .map(text -> preparation.locate(instruction, text))
                .toList();
        float[][][] states =
                runner.states(located.stream().map(LocatedText::prepared).toList());
        return IntStream.range(0, states.length)
                .mapToObj(i -> located.get(i).own(states[i]))
                .toList();
    }

    /**
     * The vectors of parts of one text, each pooled from the states of its own tokens after the model has read all of
     * the text: (parts, {@link #dimensions()}). A token on the border of two parts counts for both. The limits {@code
     * max_length} and {@code doc_max_length} do not hold here, the number of the model's positions does.
     *
     * @throws IllegalArgumentException if the text has more tokens than the model positions, a part has no token, or
     *     the model pools a single token
     */
    public float[][] encodeChunks(Instruction instruction, String text, List<TextSpan> parts) {
        if (config.pooling() != Pooling.MEAN
                && config.pooling() != Pooling.WEIGHTED_MEAN
                && config.pooling() != Pooling.MAX) {
            throw new IllegalArgumentException("pooling " + config.pooling()
                    + " is of one token of a text, not of each part: expected mean, weighted_mean or max");
        }
        int most = chain.maxPositions();
        LocatedText whole = new TextPreparation(
                        tokenizer, new EncoderConfig(config.pooling(), most, most, true), template)
                .locate(instruction, text);
        if (whole.prepared().truncated()) {
            throw new IllegalArgumentException("text of " + text.length() + " characters: has more tokens than the "
                    + most + " positions of the model: encode it in several parts");
        }
        return finished(runner.parts(parts.stream().map(whole::part).toList()));
    }

    @Override
    public void close() {
        workers.close();
        decoder.close();
        tokenizer.close();
    }
}
