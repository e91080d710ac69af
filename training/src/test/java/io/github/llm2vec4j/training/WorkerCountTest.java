package io.github.llm2vec4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import io.github.llm2vec4j.training.objective.Objective;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Several workers give the loss and the gradients of one, to the rounding of sums in another order. */
class WorkerCountTest {
    private static final double EQUAL = 1e-5;

    static Stream<Arguments> objectives() {
        return Stream.of(
                arguments(Named.of("mntp", Examples.mntp(2, 0))),
                arguments(Named.of("mntp, dropout", Examples.mntp(2, 0.2))),
                arguments(Named.of("contrastive", Examples.contrastive(2, false, 0, 0, false))),
                arguments(Named.of("contrastive, dropout", Examples.contrastive(2, false, 0.3, 0.2, false))),
                arguments(Named.of("gradient cache, dropout", Examples.contrastive(2, true, 0.3, 0.2, false))),
                arguments(Named.of("whole rows, dropout", Examples.contrastive(2, false, 0.3, 0.2, true))));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void twoWorkersGiveWhatOneGives(Objective objective) {
        try (GoldenModel model = Examples.adapted()) {
            model.gradients(objective, 2, false).assertEqualTo(model.gradients(objective, 1, false), EQUAL);
        }
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void aStepOfSeveralWorkersIsTheSameBitForBitEachTime(Objective objective) {
        try (GoldenModel model = Examples.adapted()) {
            Gradients one = model.gradients(objective, 2, false);
            Gradients other = model.gradients(objective, 2, false);
            assertThat(other.loss()).isEqualTo(one.loss());
            other.byName()
                    .forEach((name, values) ->
                            assertThat(values).as(name).isEqualTo(one.byName().get(name)));
        }
    }

    @Test
    void workersThatDivideABatchUnevenly() {
        Objective objective = Examples.contrastive(1, false, 0.3, 0.2, false);
        try (GoldenModel model = Examples.adapted()) {
            model.gradients(objective, 3, false).assertEqualTo(model.gradients(objective, 1, false), EQUAL);
        }
    }

    @Test
    void twoWorkersTrainAllWeightsAsOneDoes() {
        Objective objective = Examples.nextTokens(2);
        try (Decoder decoder = Examples.whole(true)) {
            List<Parameter> all = List.copyOf(decoder.parameters().values());
            Gradients.of(objective, decoder, all, 2, false)
                    .assertEqualTo(Gradients.of(objective, decoder, all, 1, false), EQUAL);
        }
    }
}
