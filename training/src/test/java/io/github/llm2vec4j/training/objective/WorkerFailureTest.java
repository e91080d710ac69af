package io.github.llm2vec4j.training.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.encoder.PreparedText;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.model.Decoder;
import io.github.llm2vec4j.core.model.Pass;
import io.github.llm2vec4j.core.model.TokenBatch;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.training.data.ContrastiveRows;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker that fails in a contrastive step lets the others go, whether they wait already or come later. */
class WorkerFailureTest {
    private static final int ROWS = 6;
    private static final int LENGTH = 24;

    private Decoder decoder;
    private Replicas replicas;

    @BeforeEach
    void load() {
        decoder = Decoder.loadTrainable(Golden.OWN.file("models/mistral"));
        replicas = new Replicas(decoder, List.copyOf(decoder.parameters().values()), 3, DType.F32, false);
    }

    @AfterEach
    void close() {
        replicas.close();
        decoder.close();
    }

    /** Every worker has two rows of two columns: row 0 fails at once, row 5 of the second column at the last. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, ROWS - 1, ROWS, 2 * ROWS - 1})
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theFailureIsThrownAndNobodyWaits(int bad) {
        PreparedText text = new PreparedText(new int[] {1, 5}, 0, 2, false);
        ContrastiveObjective objective = new ContrastiveObjective(
                new ContrastiveRows(List.of(Collections.nCopies(ROWS, new PreparedText[] {text, text}))),
                0,
                new ContrastiveObjective.Settings(
                        Pass.Direction.BIDIRECTIONAL, ROWS, 1, false, 20, 0, 0, 1, false, false));
        List<Column> sound = List.of(column(-1), column(-1));
        List<Column> broken = List.of(column(bad), column(bad - ROWS));

        assertThatThrownBy(() -> objective.step(0, broken, replicas))
                .isInstanceOf(RuntimeException.class)
                .isNotInstanceOf(CancellationException.class)
                .hasMessageContaining("token id 1000000");
        replicas.clearGradients();
        assertThat(objective.step(0, sound, replicas).loss()).isFinite();
    }

    /** A column in which one row, if it is one of this column's, has a token that the model does not have. */
    private static Column column(int bad) {
        List<int[]> rows = IntStream.range(0, ROWS)
                .mapToObj(row -> {
                    int[] ids = new int[LENGTH];
                    Arrays.fill(ids, row == bad ? 1_000_000 : 5 + row);
                    return ids;
                })
                .toList();
        float[] weights = new float[ROWS * LENGTH];
        Arrays.fill(weights, 1f / LENGTH);
        return new Column(TokenBatch.of(rows, 0), weights);
    }
}
