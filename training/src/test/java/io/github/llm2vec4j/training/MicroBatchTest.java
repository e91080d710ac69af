package io.github.llm2vec4j.training;

import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch in pieces gives the loss and the gradients of the whole batch. */
class MicroBatchTest {
    private static final double EQUAL = 1e-5;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void maskedTokens(int microBatch) {
        try (GoldenModel model = Examples.adapted()) {
            model.gradients(Examples.mntp(microBatch, 0), 1, false)
                    .assertEqualTo(model.gradients(Examples.mntp(Examples.BATCH, 0), 1, false), EQUAL);
        }
    }

    @Test
    void nextTokens() {
        try (Decoder decoder = Examples.whole(true)) {
            List<Parameter> all = List.copyOf(decoder.parameters().values());
            Gradients.of(Examples.nextTokens(1), decoder, all, 1, false)
                    .assertEqualTo(Gradients.of(Examples.nextTokens(4), decoder, all, 1, false), EQUAL);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "3, false", "4, false", "1, true", "4, true"})
    void contrastive(int microBatch, boolean wholeRows) {
        try (GoldenModel model = Examples.adapted()) {
            model.gradients(Examples.contrastive(microBatch, false, 0, 0, wholeRows), 1, false)
                    .assertEqualTo(
                            model.gradients(Examples.contrastive(Examples.BATCH, false, 0, 0, wholeRows), 1, false),
                            EQUAL);
        }
    }
}
