package io.github.llm2vec4j.training;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.training.objective.Objective;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks that are computed again on the way back give the gradients of blocks that are kept. */
class GradientCheckpointingTest {
    private static final double EQUAL = 1e-6;

    static Stream<Arguments> objectives() {
        return Stream.of(
                arguments(Named.of("mntp", Examples.mntp(4, 0))),
                arguments(Named.of("mntp, dropout", Examples.mntp(4, 0.2))),
                arguments(Named.of("contrastive", Examples.contrastive(4, false, 0, 0, false))),
                arguments(Named.of("contrastive, dropout", Examples.contrastive(4, false, 0.3, 0.2, false))),
                arguments(Named.of("gradient cache, dropout", Examples.contrastive(4, true, 0.3, 0.2, false))));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void gradientsOfAnAdapterAreThePlainOnes(Objective objective) {
        try (GoldenModel model = Examples.adapted()) {
            model.gradients(objective, 1, true).assertEqualTo(model.gradients(objective, 1, false), EQUAL);
        }
    }

    @ParameterizedTest(name = "tied embeddings: {0}")
    @ValueSource(booleans = {true, false})
    void gradientsOfAllWeightsAreThePlainOnes(boolean tied) {
        Objective objective = Examples.nextTokens(4);
        try (Decoder decoder = Examples.whole(tied)) {
            List<Parameter> all = List.copyOf(decoder.parameters().values());
            Gradients.of(objective, decoder, all, 1, true)
                    .assertEqualTo(Gradients.of(objective, decoder, all, 1, false), EQUAL);
        }
    }
}
