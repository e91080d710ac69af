package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.checkpoint.SafetensorsFile;
import io.github.llm2vec4j.core.checkpoint.SafetensorsWriter;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectionCheckTest {
    private static final Function<int[], float[]> BLIND = ids -> new float[] {1, ids[0]};
    private static final Function<int[], float[]> SEEING = ids -> new float[] {1, ids[0] + 1e-4f * ids[2]};

    @TempDir
    private Path temporary;

    @Test
    void theFirstStateMustChangeWithTheLastTokenOnlyWhenBidirectional() {
        assertThatCode(() -> run(Pass.Direction.CAUSAL, BLIND)).doesNotThrowAnyException();
        assertThatCode(() -> run(Pass.Direction.BIDIRECTIONAL, SEEING)).doesNotThrowAnyException();
        assertThatThrownBy(() -> run(Pass.Direction.BIDIRECTIONAL, BLIND))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("some/model")
                .hasMessageContaining("to be bidirectional, but the state of the first token does not change");
        assertThatThrownBy(() -> run(Pass.Direction.CAUSAL, SEEING))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("to be causal, but the state of the first token changes");
    }

    @Test
    void tokensWithTheSameVectorProveNothing() {
        assertThatCode(() -> run(Pass.Direction.BIDIRECTIONAL, ids -> new float[] {ids[2] == 599 ? 1 : 0}))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void statesThatAreNotFiniteAreRefused(float value) {
        assertThatThrownBy(() -> run(Pass.Direction.CAUSAL, ids -> new float[] {0, value}))
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("some/model")
                .hasMessageContaining(String.valueOf(value));
    }

    @ParameterizedTest
    @CsvSource({"float32, false", "float32, true", "bfloat16, false", "bfloat16, true"})
    void aModelWhoseAttentionHasNoEffectIsNoBidirectionalOne(String dtype, boolean causal) throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("without-values"));
        scale(folder, "v_proj", 0);
        long live = Tensor.liveCount();
        Llm2Vec.Builder builder =
                Llm2Vec.builder(folder.toString()).causal(causal).dtype(dtype).workers(1);
        if (causal) {
            builder.build().close();
        } else {
            assertThatThrownBy(builder::build)
                    .isInstanceOf(BadCheckpointException.class)
                    .hasMessageContaining("without-values")
                    .hasMessageContaining("self-test failed");
        }
        assertThat(Tensor.liveCount()).as("tensors left behind").isEqualTo(live);
    }

    @Test
    void weightsThatOverflowAreRefused() throws IOException {
        Path folder = Golden.OWN.copy("models/mistral", temporary.resolve("too-large"));
        scale(folder, "down_proj", Float.POSITIVE_INFINITY);
        Llm2Vec.Builder builder = Llm2Vec.builder(folder.toString()).workers(1);
        assertThatThrownBy(builder::build)
                .isInstanceOf(BadCheckpointException.class)
                .hasMessageContaining("too-large")
                .hasMessageContaining("the state of a token holds NaN");
    }

    private static void run(Pass.Direction direction, Function<int[], float[]> firstState) {
        DirectionCheck.run(direction, 600, firstState, Path.of("some/model"));
    }

    private static void scale(Path folder, String part, double factor) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Path changed = folder.resolve("changed");
        try (Scope scope = Scope.open();
                SafetensorsFile weights = SafetensorsFile.open(file)) {
            Map<String, Tensor> tensors = new HashMap<>();
            weights.names()
                    .forEach(name -> tensors.put(
                            name, name.contains(part) ? weights.tensor(name).mul(factor) : weights.tensor(name)));
            SafetensorsWriter.write(changed, tensors, Map.of("format", "pt"));
        }
        Files.move(changed, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
