package io.github.llm2vec4j.benchmark;

import io.github.llm2vec4j.core.checkpoint.AtomicFiles;
import io.github.llm2vec4j.core.encoder.ModelChain;
import io.github.llm2vec4j.core.torch.ComputeType;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.Stage;
import io.github.llm2vec4j.training.StageConfig;
import io.github.llm2vec4j.training.StageKind;
import io.github.llm2vec4j.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Times the steps of a stage, and measures the memory that they take. */
public final class TrainBenchmark {
    private final StageKind kind;
    private final StageConfig config;

    public TrainBenchmark(StageKind kind, StageConfig config) {
        this.kind = kind;
        this.config = config;
    }

    /**
     * One step.
     *
     * @param memory the most since the stage was loaded, or null where the system does not tell
     */
    public record Round(
            TrainingListener.Step step, @Nullable ResidentMemory memory) {
        public double tokensPerSecond() {
            return step.tokens() / step.seconds();
        }
    }

    /** The type that the stage computes in. */
    public DType computeType() {
        return ComputeType.of(config.text("torch_dtype", "auto"));
    }

    /**
     * Trains in a folder that is deleted afterwards, at most to the end of the stage.
     *
     * @param warmUp steps that are not heard of
     * @param another asked before each step after these whether there is to be one
     * @param heard hears of each
     */
    public void run(int warmUp, BooleanSupplier another, Consumer<Round> heard) throws IOException {
        Path folder = Files.createTempDirectory("llm2vec4j-bench-");
        try (MemoryWatch watch = new MemoryWatch()) {
            Stage[] stage = new Stage[1];
            TrainingListener listener = new TrainingListener() {
                @Override
                public void started(long step, long steps) {
                    stepClosed(step);
                }

                @Override
                public void stepEnded(Step step) {
                    if (step.number() > warmUp) {
                        heard.accept(new Round(step, watch.most()));
                    }
                }

                @Override
                public void stepClosed(long step) {
                    if (step >= warmUp && !another.getAsBoolean()) {
                        stage[0].requestStop();
                    }
                }
            };
            stage[0] = new Stage(kind, config.with("output_dir", folder.toString()), List.of(listener));
            stage[0].run(false);
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    /**
     * The seconds of a token's bare matrix products: those of all linear layers, forward as often as the stage computes
     * them, and back once. What is trained, attention and the output head do not count.
     *
     * @param atLeast seconds to measure each way for
     */
    public double productsSecondsPerToken(double atLeast) {
        Stage stage = new Stage(kind, config, List.of());
        Path base =
                ModelChain.resolve(config.text("model_name_or_path"), List.of()).base();
        return MatrixProducts.trainingSecondsPerToken(
                base, computeType(), stage.forwardPasses(), stage.recomputes(), atLeast);
    }
}
