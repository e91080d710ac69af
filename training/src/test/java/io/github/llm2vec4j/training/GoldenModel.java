package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.golden.GoldenArrays;
import io.github.llm2vec4j.core.lora.LoraAdapter;
import io.github.llm2vec4j.core.lora.LoraConfig;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.core.tokenizer.Tokenizer;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import io.github.llm2vec4j.training.objective.Objective;
import io.github.llm2vec4j.training.objective.Replicas;
import java.util.ArrayList;
import java.util.List;

/** A model of the fixtures with the adapter that a training of the fixtures starts from. */
final class GoldenModel implements AutoCloseable {
    private static final String PREFIX = "/model.";

    final Decoder decoder;
    final Tokenizer tokenizer;
    final LoraAdapter adapter;

    private GoldenModel(Decoder decoder, Tokenizer tokenizer, GoldenArrays arrays) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        adapter = LoraAdapter.inject(decoder, new LoraConfig(4, 8, 0, LoraConfig.ALL_LINEAR, "base"), 1);
        reset(arrays);
    }

    /** The bare model with the adapter {@code lora_init/*}. */
    static GoldenModel bare(Golden golden, String base, GoldenArrays arrays) {
        return new GoldenModel(
                Decoder.load(golden.file("models/" + base), DType.F32),
                Tokenizer.load(golden.file("models/" + base)),
                arrays);
    }

    /** The model with its MNTP adapter merged, and the adapter {@code lora_init/*} on top. */
    static GoldenModel mntp(Golden golden, String base, GoldenArrays arrays) {
        Decoder decoder = Decoder.load(golden.file("models/" + base), DType.F32);
        LoraAdapter.merge(decoder, List.of(golden.file("adapters/" + base + "-mntp")));
        return new GoldenModel(decoder, Tokenizer.load(golden.file("models/" + base)), arrays);
    }

    /** Sets the adapter back to {@code lora_init/*}. */
    void reset(GoldenArrays arrays) {
        try (Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            for (Parameter parameter : adapter.parameters()) {
                float[] start = arrays.floats("lora_init" + PREFIX + parameter.name());
                parameter.value().copyInPlace(Tensor.of(start, parameter.value().shape()));
            }
        }
    }

    /** The gradients of one step from the present weights, and its loss. */
    Gradients gradients(Objective objective, int workers, boolean checkpointLayers) {
        return Gradients.of(objective, decoder, adapter.parameters(), workers, checkpointLayers);
    }

    /** Trains the adapter; what the loop says of each step. */
    List<TrainingListener.Step> train(Objective objective, long steps, LearningRate learningRate) {
        List<TrainingListener.Step> heard = new ArrayList<>();
        TrainingListener recorder = new TrainingListener() {
            @Override
            public void stepEnded(Step step) {
                heard.add(step);
            }
        };
        Trainer.Plan plan = new Trainer.Plan(steps, 0, 1.0, learningRate, new AdamW.Settings(0.9, 0.999, 1e-8, 0));
        try (Replicas replicas = new Replicas(decoder, adapter.parameters(), 1, DType.F32, false);
                Trainer trainer = new Trainer(objective, replicas, plan, List.of(recorder))) {
            trainer.run();
        }
        return heard;
    }

    /** The reference's name of a parameter of the adapter. */
    static String referenceName(String folder, String parameter) {
        return folder + PREFIX + parameter;
    }

    @Override
    public void close() {
        adapter.close();
        decoder.close();
        tokenizer.close();
    }
}
