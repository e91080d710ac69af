package io.github.llm2vec4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.llm2vec4j.core.golden.Difference;
import io.github.llm2vec4j.core.golden.Golden;
import io.github.llm2vec4j.core.torch.DType;
import io.github.llm2vec4j.core.torch.NoGrad;
import io.github.llm2vec4j.core.torch.Scope;
import io.github.llm2vec4j.core.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackedBatchTest {
    private static final List<int[]> TEXTS = List.of(
            new int[] {1, 9, 17, 33, 5, 70, 12},
            new int[] {1, 44, 8, 23, 61, 7, 19},
            new int[] {1, 30, 31, 32},
            new int[] {1},
            new int[] {1, 77, 13, 50});

    @TempDir
    private Path folder;

    @Test
    void neighboursOfEqualLengthMakeOneGroup() {
        PackedBatch batch = PackedBatch.of(TEXTS);
        assertThat(batch.groups())
                .containsExactly(
                        new PackedBatch.Group(0, 2, 7),
                        new PackedBatch.Group(14, 1, 4),
                        new PackedBatch.Group(18, 1, 1),
                        new PackedBatch.Group(19, 1, 4));
        assertThat(batch.positions())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 0, 0, 1, 2, 3);
        assertThat(batch.longest()).isEqualTo(7);
    }

    @Test
    void aRowIsFilledUpWithoutTouchingItsTexts() {
        PackedBatch batch = PackedBatch.of(TEXTS);
        PackedBatch filled = batch.filledUp();
        assertThat(filled.ids()).hasSize(32).startsWith(batch.ids());
        assertThat(filled.filling()).isEqualTo(9);
        assertThat(batch.filling()).isZero();
        assertThat(PackedBatch.of(List.of(new int[513])).filledUp().ids()).hasSize(576);
        try (Decoder decoder = Decoder.load(Golden.OWN.file("models/mistral"), DType.F32);
                Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Pass pass = Pass.inference(Pass.Direction.BIDIRECTIONAL, DType.F32);
            Difference.assertWithin(
                    1e-6,
                    decoder.hiddenStates(filled, pass)
                            .narrow(1, 0, batch.ids().length)
                            .toFloats(),
                    decoder.hiddenStates(batch, pass).toFloats(),
                    "states");
        }
    }

    @ParameterizedTest
    @EnumSource(Pass.Direction.class)
    void statesAreThoseOfEachTextAlone(Pass.Direction direction) {
        comparePackedWithAlone(Golden.OWN.file("models/mistral"), direction);
    }

    @Test
    void aSlidingWindowHoldsInEachText() throws IOException {
        Path model = Golden.OWN.file("models/mistral");
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(model.resolve(name), folder.resolve(name));
        }
        String config = Files.readString(folder.resolve("config.json"));
        String windowed = config.replaceFirst("\"sliding_window\": *(null|\\d+)", "\"sliding_window\": 3");
        assertThat(windowed).isNotEqualTo(config);
        Files.writeString(folder.resolve("config.json"), windowed);

        assertThat(comparePackedWithAlone(folder, Pass.Direction.CAUSAL))
                .isNotEqualTo(comparePackedWithAlone(model, Pass.Direction.CAUSAL));
    }

    /** With padding there are places that see nothing but padding, the more so through a window. */
    @ParameterizedTest
    @EnumSource(Pass.Direction.class)
    void statesBesideLongPaddingAreFiniteAndThoseOfTheTextAlone(Pass.Direction direction) {
        int[] longText = IntStream.range(3, 43).toArray();
        try (Decoder decoder = Decoder.load(Golden.OWN.file("models/mistral"), DType.F32);
                Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Pass pass = Pass.inference(direction, DType.F32);
            TokenBatch batch = TokenBatch.of(List.of(new int[] {1}, longText, new int[] {1, 9}), 2);
            for (Tensor states : List.of(decoder.hiddenStates(batch, pass), decoder.hiddenStatesByEdge(batch, pass))) {
                assertThat(Difference.largest(states.toFloats())).isFinite();
                Tensor alone = decoder.hiddenStates(TokenBatch.of(List.of(new int[] {1, 9}), 2), pass);
                float[] own = states.narrow(0, 2, 1).narrow(1, 38, 2).toFloats();
                assertThat(Difference.max(own, alone.toFloats())).isLessThan(1e-5);
            }
        }
    }

    /** Returns the packed states. */
    private static float[] comparePackedWithAlone(Path model, Pass.Direction direction) {
        try (Decoder decoder = Decoder.load(model, DType.F32);
                Scope scope = Scope.open();
                NoGrad off = NoGrad.enter()) {
            Pass pass = Pass.inference(direction, DType.F32);
            Tensor packed = decoder.hiddenStates(PackedBatch.of(TEXTS), pass);
            int start = 0;
            for (int[] text : TEXTS) {
                Tensor alone = decoder.hiddenStates(TokenBatch.of(List.of(text), 0), pass);
                float[] own = packed.narrow(1, start, text.length).toFloats();
                assertThat(Difference.max(own, alone.toFloats())).isLessThan(1e-5);
                start += text.length;
            }
            return packed.toFloats();
        }
    }
}
