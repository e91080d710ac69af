package io.github.llm2vec4j.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of 1 to 4096 tokens in one call. */
class MixedLengthsTest {
    private static final int TEXTS = 64;
    private static final int LONGEST = 4096;

    @TempDir
    private Path temporary;

    /** Attention of the causal model has a window of 8 tokens. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aVectorIsThatOfTheTextAloneWhateverTheBatchAndTheOrder(boolean causal) throws IOException {
        EncoderConfig config = new EncoderConfig(Pooling.MEAN, LONGEST, LONGEST, true);
        try (Llm2Vec model = TinyEncoder.load(Golden.OWN, "models/mistral", temporary, config, causal, "float32")) {
            List<PreparedText> texts = texts(model.decoder().config().vocabSize());
            float[][] alone = texts.stream()
                    .map(text -> model.encodePrepared(List.of(text))[0])
                    .toArray(float[][]::new);
            for (int size : new int[] {1, 2, 7, 16, 33, TEXTS}) {
                List<Integer> order =
                        new ArrayList<>(IntStream.range(0, TEXTS).boxed().toList());
                Collections.shuffle(order, new Random(size));
                for (int start = 0; start < TEXTS; start += size) {
                    List<Integer> batch = order.subList(start, Math.min(TEXTS, start + size));
                    float[][] together =
                            model.encodePrepared(batch.stream().map(texts::get).toList());
                    for (int i = 0; i < together.length; i++) {
                        assertThat(Difference.cosine(together[i], alone[batch.get(i)]))
                                .as(
                                        "text of %d tokens among %d",
                                        texts.get(batch.get(i)).ids().length, size)
                                .isGreaterThanOrEqualTo(0.999999);
                    }
                }
            }
        }
    }

    /** Lengths from 1 to the longest, each some 14 % above the one before. */
    private static List<PreparedText> texts(int vocabulary) {
        Random random = new Random(5);
        return IntStream.range(0, TEXTS)
                .map(i -> (int) Math.round(Math.pow(LONGEST, i / (TEXTS - 1.0))))
                .mapToObj(length ->
                        new PreparedText(random.ints(length, 3, vocabulary).toArray(), 0, length, false))
                .toList();
    }
}
